// A first installation without the demonstration, as docs/deployment.md tells it: command line, the three administrators, the
// city's own lists through the page, and somebody of them signing in.

import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessibility } from './checks.mjs';
import { ROOT, check, expect, open, shoot, sound } from './harness.mjs';
import { PASSWORD, pressed, typeSignIn, WORDS } from './pages.mjs';
import { installation } from './server.mjs';

const LIST = join(ROOT, 'data/samples/units_contacts.xlsx');
const ADMINISTRATORS = [['sys.wang', '王某', 'system_admin', 'desktop'], ['sec.li', '李某', 'security_admin', 'phone'], ['aud.zhao', '赵某', 'audit_admin', 'desktop']];

/// The six digits an authenticator shows (RFC 6238), so many steps of half a minute from now.
function code(secret, steps = 0) {
  const bits = [...secret.replaceAll(/\s/g, '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const value = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fff_ffff;
  return String(value % 1_000_000).padStart(6, '0');
}

/// The password that was issued gives way to one's own; nothing else opens before.
async function settleIn(page, username, issued) {
  await page.goto('/');
  await typeSignIn(page, username, issued);
  await page.getByRole('heading', { level: 1, name: '修改密码' }).waitFor();
  await page.getByLabel('现在的密码').fill(issued);
  await page.getByLabel('新密码', { exact: true }).fill('短密码');
  await page.getByLabel('再输一次新密码').fill('短密码');
  await pressed(page, '修改密码');
  await page.getByRole('alert').filter({ hasText: '密码至少12位' }).waitFor();
  await page.getByLabel('新密码', { exact: true }).fill(PASSWORD);
  await page.getByLabel('再输一次新密码').fill(PASSWORD);
  await pressed(page, '修改密码');
  await page.getByRole('heading', { level: 1, name: '修改密码' }).waitFor({ state: 'detached' });
}

/// One-time codes, and nothing else before them. Gives the secret.
async function setUpCodes(page) {
  await page.getByRole('heading', { level: 1, name: '启用动态口令' }).waitFor();
  await page.goto('/admin');
  await page.getByRole('heading', { level: 1, name: '启用动态口令' }).waitFor();
  await page.getByLabel('先输入您的密码').fill('not the password at all');
  await pressed(page, '下一步');
  await page.getByRole('alert').filter({ hasText: '密码不正确' }).waitFor();
  await page.getByLabel('先输入您的密码').fill(PASSWORD);
  await pressed(page, '下一步');
  const secret = await page.locator('code.secret').innerText();
  const right = code(secret);
  await page.getByLabel('六位动态口令').fill(String((Number(right) + 1) % 1_000_000).padStart(6, '0'));
  await pressed(page, '确认并继续');
  await page.getByRole('alert').filter({ hasText: '动态口令不对' }).waitFor();
  await page.getByLabel('六位动态口令').fill(code(secret));
  await pressed(page, '确认并继续');
  await page.getByRole('main').waitFor();
  return secret;
}

export async function firstInstallation(browser) {
  const city = installation();
  const issued = new Map();
  let server = null;
  const windows = new Map();
  const step = (name, steps) => check(`first installation: ${name}`, steps);
  const made = await step('city and administrators by the command line', async () => {
    // The administrators need a unit to be in; the others come from the list.
    const [justice] = JSON.parse(readFileSync(join(ROOT, 'data/units.json'), 'utf8')).units.filter((unit) => unit.code === 'df-justice');
    const units = join(city.dir, 'units.json');
    writeFileSync(units, JSON.stringify([justice]));
    city.command('admin', 'create-jurisdiction', '--code', 'df', '--name', '登封市', '--name-en', 'Dengfeng', '--units', units);
    for (const [username, name, role] of ADMINISTRATORS) {
      const printed = city.command('admin', 'create-user', '--jurisdiction', 'df', '--unit', 'df-justice', '--username', username, '--name', name, '--roles', role);
      issued.set(username, printed.trim().split(' ').at(-1));
    }
    server = await city.serve();
  });
  if (!made) return;
  try {
    const secrets = new Map();
    for (const [username, , role, size] of ADMINISTRATORS) {
      const settled = await step(`${role} settles in (${size})`, async () => {
        const window = await open(browser, server.base, size);
        const { page, faults } = window;
        windows.set(username, window);
        // The first password was one try too short, the next a wrong one, as was the first code.
        faults.allow(/\/me\/totp(\/confirm)?$/);
        await settleIn(page, username, issued.get(username));
        await page.getByRole('heading', { level: 1, name: '启用动态口令' }).waitFor();
        await shoot(page, `installation-codes-${size}`);
        const found = await accessibility(page);
        secrets.set(username, await setUpCodes(page));
        return [...found, ...(await sound(window))];
      });
      if (!settled) return;
    }
    await lists(step, windows.get('sys.wang'), (people) => people.forEach(([username, password]) => issued.set(username, password)));
    await step('the security administrator gives the roles of the list (phone)', async () => {
      const window = windows.get('sec.li');
      const { page } = window;
      await page.goto('/admin?tab=people&unit=df-water');
      const give = page.getByRole('button', { name: /^授予以下 \d+ 人的拟任角色$/ });
      await give.waitFor();
      await shoot(page, 'installation-roles-phone');
      const found = await accessibility(page);
      await give.click();
      await give.waitFor({ state: 'hidden' });
      return [...found, ...(await sound(window))];
    });
    await step('a person of the list settles in (phone)', async () => {
      const officer = 'df-water.liaison_officer';
      const window = await open(browser, server.base, 'phone');
      windows.set(officer, window);
      const { page } = window;
      await settleIn(page, officer, issued.get(officer));
      await page.getByRole('heading', { level: 1, name: /您好$/ }).waitFor();
      await page.getByRole('link', { name: /待办/ }).filter({ visible: true }).first().click();
      await page.getByText('没有待办').waitFor();
      await shoot(page, 'installation-officer-phone');
      return [...(await accessibility(page)), ...(await sound(window))];
    });
    await step('an administrator signs in with a code', async () => {
      const window = windows.get('sys.wang');
      const { page } = window;
      await page.locator('header.top button.person').click();
      await page.locator('header.top').getByRole('button', { name: '退出登录' }).click();
      await typeSignIn(page, 'sys.wang', PASSWORD);
      await page.getByText('请输入动态口令').waitFor();
      await shoot(page, 'installation-code');
      // The next step's digits: those of this one were used.
      await page.getByLabel('动态口令').fill(code(secrets.get('sys.wang'), 1));
      await pressed(page, WORDS.signIn);
      await page.getByRole('main').waitFor();
      return sound(window);
    });
  } finally {
    await Promise.all([...windows.values()].map(({ context }) => context.close()));
    server.stop();
  }
}

/// 导入名册: units, then people with their first passwords, shown once.
async function lists(step, window, keep) {
  const { page } = window;
  await step('units from the list', async () => {
    await page.goto('/admin?tab=setup&dataset=units');
    await page.locator('input[type=file]').setInputFiles(LIST);
    await page.waitForURL(/import=/);
    await page.getByText('尚未写入任何数据').waitFor();
    await page.getByText('3 行有错误').waitFor();
    await shoot(page, 'installation-units');
    const found = await accessibility(page);
    await pressed(page, '新建 35 家单位');
    await page.getByText('已写入：新建 35 个，已有 1 个未改动。').waitFor();
    await page.getByRole('link', { name: '导入人员名册' }).click();
    await page.waitForURL(/dataset=people/);
    return [...found, ...(await sound(window))];
  });
  await step('people from the same list', async () => {
    await page.goto('/admin?tab=setup&dataset=people');
    await page.locator('input[type=file]').setInputFiles(LIST);
    await page.waitForURL(/import=/);
    await page.getByText('尚未写入任何数据').waitFor();
    const write = page.getByRole('button', { name: /^开通 \d+ 个账号$/ });
    const name = await write.first().innerText();
    await write.first().click();
    await page.getByRole('dialog', { name }).getByRole('button', { name }).click();
    const card = page.getByRole('region', { name: '初始密码' });
    await card.waitFor();
    const rows = await card.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('code')].map((one) => one.textContent)));
    expect(`开通 ${rows.length} 个账号` === name, `${rows.length} passwords instead of: ${name}`);
    keep(rows);
    const found = await accessibility(page);
    await pressed(page, '已保存好，不再显示');
    await page.getByRole('dialog', { name: '确定已保存好初始密码？' }).getByRole('button', { name: '已保存好' }).click();
    await card.waitFor({ state: 'detached' });
    expect(!(await page.content()).includes(rows[0][1]), 'a first password is still on the page');
    await page.goto('/admin?tab=people');
    await page.getByText('df-water.liaison_officer').filter({ visible: true }).first().waitFor();
    return [...found, ...(await sound(window))];
  });
}
