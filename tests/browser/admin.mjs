// What administrators press: sessions of another ended, a letter that was given up sent again.

import { createServer } from 'node:net';
import { check, desk, equal, expect, open, shoot, sound } from './harness.mjs';
import { signIn, WORDS } from './pages.mjs';

const PERSON = 'df-education.unit_head';

export async function adminSessions({ browser, server, people, size, ask }) {
  await check(`${size}: administration: sessions of another are ended`, async () => {
    const { name } = await ask.get(PERSON, '/me');
    const theirs = await open(browser, server.base, size);
    theirs.faults.allow(/\/api\/v1\//);
    await signIn(theirs.page, PERSON);
    const window = await people.of('security');
    const { page } = window;
    await page.goto('/admin?tab=sessions');
    const picker = page.getByRole('combobox', { name: '人员' });
    await picker.fill(PERSON);
    await page.getByRole('option', { name: new RegExp(`^${name}`) }).first().click();
    const rows = page.locator('ul.m-rows > li');
    await rows.nth(1).waitFor();
    const count = await rows.count();
    const all = page.getByRole('main').getByRole('button', { name: '全部下线', exact: true });

    // Asked first; who thinks better of it has changed nothing.
    await all.first().click();
    const asked = page.getByRole('dialog', { name: `让${name}全部下线？` });
    await asked.getByText(`共 ${count} 次登录`).waitFor();
    await shoot(page, `${size}-admin-sessions-ask`);
    await asked.getByRole('button', { name: '取消' }).click();
    await asked.waitFor({ state: 'detached' });
    equal((await ask.get(PERSON, '/me/sessions')).length, count, 'sessions after the question was cancelled');

    // One of them: the last in the list is the least used, the API's own.
    await rows.last().getByRole('button', { name: /^下线/ }).click();
    await page.getByRole('dialog', { name: `让${name}的这次登录下线？` }).getByRole('button', { name: '下线', exact: true }).click();
    await page.getByText('已下线 1 次登录').waitFor();
    await rows.nth(count - 1).waitFor({ state: 'detached' });

    await all.first().click();
    await asked.getByRole('button', { name: '全部下线', exact: true }).click();
    // The last of the messages: the one before may say the same number.
    await page.getByText(`已下线 ${count - 1} 次登录`).last().waitFor();
    await page.getByText('此人目前没有登录。').waitFor();
    // At their own desk the next click leads to the sign-in page.
    await theirs.page.getByRole('link', { name: /^(我的事项|待办)/ }).filter({ visible: true }).first().click();
    await theirs.page.getByText('登录已到期').waitFor();
    await theirs.page.getByLabel(WORDS.username).waitFor();
    const found = [...(await sound(window)), ...(await sound(theirs))];
    await theirs.context.close();
    return found;
  });
}

/// A page that is reloaded while it opens has asked for a new token and never sees the answer.
export async function lostAnswer({ browser, server, size }) {
  await check(`${size}: a session outlives a page that was left while it opened`, async () => {
    const window = await open(browser, server.base, size);
    await signIn(window.page, PERSON);
    const cookies = await window.context.cookies();
    const answer = await fetch(`${server.base}/api/v1/auth/refresh`, {
      method: 'POST',
      headers: { 'X-Requested-With': 'liandong', Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
    });
    expect(answer.ok, `the answer nobody waits for: ${answer.status}`);
    for (const _ of [1, 2]) {
      await window.page.reload();
      await window.page.getByRole('heading', { level: 1, name: /您好$/ }).waitFor();
    }
    const found = await sound(window);
    await window.context.close();
    return found;
  });
}

/// A mail server (RFC 5321) that takes everything; gives the letters.
function mailServer(port) {
  const letters = [];
  const server = createServer((socket) => {
    let [data, rest] = [null, ''];
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.write('220 laboratory\r\n');
    socket.on('data', (piece) => {
      rest += piece;
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (data !== null && line !== '.') data.push(line);
        else if (data !== null) {
          letters.push(data.join('\n'));
          data = null;
          socket.write('250 kept\r\n');
        } else if (/^DATA$/i.test(line)) {
          data = [];
          socket.write('354 go on\r\n');
        } else if (/^QUIT$/i.test(line)) socket.end('221 bye\r\n');
        else socket.write('250 yes\r\n');
      }
    });
  });
  return new Promise((done) => server.listen(port, '127.0.0.1', () => done({ letters, close: () => server.close() })));
}

/// Until a condition holds that no event tells of.
async function until(holds, what) {
  const begun = Date.now();
  while (Date.now() - begun < 20_000) {
    if (await holds()) return;
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Error(`${what} did not come about`);
}

/// Letters that no server takes are tried ten times, over half a day; the laboratory's clock makes that a moment.
export async function outbox({ browser, server, ask }) {
  const reader = 'df-education.liaison_officer';
  const given = await check('outbox: letters that do not leave are given up', async () => {
    await ask.send(reader, 'PATCH', '/me', { email: 'liaison@example.com', email_notices: true });
    for (const nth of ['一', '二']) {
      const body = { subject: `要用邮件提醒的第${nth}件事项`, unit: 'df-education', due_date: await ask.day('office', 20), way: 'on_foot' };
      await ask.create('office', 'toy_patrol', body, true);
    }
    const dead = async () => (await ask.get('system', '/outbox?state=dead&limit=50')).items.length;
    const attempts = async () => {
      const lists = await Promise.all(['pending', 'dead'].map((state) => ask.get('system', `/outbox?state=${state}&limit=50`)));
      return lists.flatMap((list) => list.items).reduce((sum, letter) => sum + letter.attempts, 0);
    };
    for (let turn = 1; (await dead()) < 2; turn += 1) {
      expect(turn <= 15, 'letters are tried for ever');
      const before = await attempts();
      await server.hours(3 * turn);
      ask.forget();
      await until(async () => (await attempts()) > before, 'another attempt');
    }
    const [letter] = (await ask.get('system', '/outbox?state=dead&limit=50')).items;
    equal(letter.attempts, 10, 'attempts of a letter given up');
  });
  if (!given) return;
  let mail = null;
  for (const size of ['desktop', 'phone']) {
    const people = desk(browser, server.base, size);
    await check(`${size}: administration: a letter given up is sent again`, async () => {
      const window = await people.of('system');
      const { page } = window;
      await page.goto('/admin?tab=outbox&state=dead');
      const rows = page.locator('tbody tr');
      await rows.first().waitFor();
      const count = await rows.count();
      await rows.first().getByText('连不上邮件服务器').waitFor();
      await rows.first().getByText('未能送达').waitFor();
      await shoot(page, `${size}-admin-outbox-dead`);
      mail ??= await mailServer(server.mail);
      const before = mail.letters.length;
      await rows.first().getByRole('button', { name: '重新发送' }).click();
      await page.getByText('已重新排队').waitFor();
      await rows.nth(count - 1).waitFor({ state: 'detached' });
      await until(() => mail.letters.length > before, 'the letter');
      expect(/^To: .*liaison@example\.com/m.test(mail.letters[0]), mail.letters[0]);
      await until(async () => (await ask.get('system', '/outbox?state=delivered&limit=50')).items.length > 0, 'its delivery');
      await page.getByRole('button', { name: '已发出', exact: true }).click();
      await rows.first().getByText('已发出').waitFor();
      expect((await rows.first().getByRole('button', { name: '重新发送' }).filter({ visible: true }).count()) === 0, 'a letter that left can be sent again');
      return sound(window);
    });
    await people.close();
  }
  mail?.close();
}
