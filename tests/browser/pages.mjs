// How the pages are operated: every label, role and address the walk relies on is in this file and nowhere else.
// Elements are found as a person finds them, by role and visible name.

/// How long anything may take before it counts as not happening. Several groups share the processor.
export const PATIENCE = 30_000;

export const PASSWORD = 'Liandong-demo-2026';

export const PEOPLE = {
  office: 'df-justice.coordinator',
  market: 'df-market.liaison_officer',
  head: 'df-market.unit_head',
  water: 'df-water.liaison_officer',
  system: 'df-justice.system_admin',
  security: 'df-justice.security_admin',
  audit: 'df-justice.audit_admin',
};

export const WORDS = {
  username: '用户名',
  password: '密码',
  signIn: '登录',
  more: '更多',
};

/// Pages to photograph and check, with who looks at them.
export const PAGES = [
  { name: 'home', path: '/', person: 'office' },
  { name: 'inbox', path: '/inbox?box=todo', person: 'market' },
  { name: 'inbox-mine', path: '/inbox?box=mine', person: 'office' },
  { name: 'inbox-empty', path: '/inbox?box=todo&q=zzzzzz', person: 'market' },
  { name: 'list', path: '/list/work_item', person: 'office' },
  { name: 'new', path: '/new/work_item', person: 'office' },
  { name: 'new-list', path: '/new/work_list', person: 'office' },
  { name: 'detail', path: ':story', person: 'office' },
  { name: 'edit', path: ':draft', person: 'office' },
  { name: 'import', path: '/import', person: 'office' },
  { name: 'import-review', path: ':sheet', person: 'office' },
  { name: 'overview', path: '/overview', person: 'office' },
  { name: 'search', path: '/search?q=%E6%A3%80%E5%AF%9F', person: 'office' },
  { name: 'notices', path: '/notices', person: 'market' },
  { name: 'calculator', path: '/calculator', person: 'market' },
  { name: 'calendar', path: '/calendar', person: 'office' },
  { name: 'conservation', path: '/conservation', person: 'office' },
  { name: 'profile', path: '/profile', person: 'market' },
  { name: 'admin', path: '/admin', person: 'system' },
  { name: 'admin-people', path: '/admin?tab=people', person: 'system' },
  { name: 'admin-setup', path: '/admin?tab=setup', person: 'system' },
  { name: 'admin-outbox', path: '/admin?tab=outbox', person: 'system' },
  { name: 'admin-sessions', path: '/admin?tab=sessions', person: 'security' },
  { name: 'audit', path: '/audit', person: 'audit' },
  { name: 'components', path: '/dev/components', person: 'office' },
  { name: 'not-found', path: '/nowhere', person: 'office' },
];

/// A field's label is followed by a mark: `任务内容*`, `分组选填`.
const labelled = (label) => new RegExp(`^\\s*${label}\\s*(\\*|选填|\\(|（|$)`);

/// Waits until nothing is loading and the page has stopped changing. The network is never idle: live updates stay open.
export async function settle(page) {
  const moving = await page.evaluate(
    (patience) =>
      new Promise((done) => {
        // Where every component is shown in each of its states, one is always busy.
        const samples = location.pathname === '/dev/components';
        const busy = () => !samples && [...document.querySelectorAll('[aria-busy="true"], .skeleton')].some((element) => element.checkVisibility());
        const begun = performance.now();
        let quietSince = begun;
        const observer = new MutationObserver(() => { quietSince = performance.now(); });
        observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        const timer = setInterval(() => {
          const now = performance.now();
          const quiet = now - quietSince > 300 && !busy();
          if (quiet || now - begun > patience) {
            clearInterval(timer);
            observer.disconnect();
            done(!quiet);
          }
        }, 50);
      }),
    PATIENCE,
  );
  if (moving) throw new Error(`${new URL(page.url()).pathname} does not come to rest`);
}

/// Types name and password where the sign-in page is shown already.
export async function typeSignIn(page, username, password) {
  await page.getByLabel(WORDS.username).fill(username);
  await page.getByLabel(WORDS.password, { exact: true }).fill(password);
  await page.getByRole('button', { name: WORDS.signIn, exact: true }).click();
}

/// `person` is one of `PEOPLE`, or a user name.
export async function signIn(page, person) {
  await page.goto('/');
  await typeSignIn(page, PEOPLE[person] ?? person, PASSWORD);
  await page.getByRole('main').waitFor();
  await page.getByLabel(WORDS.username).waitFor({ state: 'detached' });
  await settle(page);
}

/// The language is a preference of the browser; the page reads it when it opens.
export async function setLanguage(page, language) {
  await page.evaluate((value) => localStorage.setItem('liandong.lang', JSON.stringify(value)), language);
}

/// Fills one field of a form or dialog, whatever its element.
export async function fill(scope, label, value) {
  const group = scope.getByRole('radiogroup', { name: labelled(label) });
  if (await group.count()) {
    await group.getByText(value, { exact: true }).click();
    return;
  }
  const field = scope.getByLabel(labelled(label)).first();
  if ((await field.evaluate((element) => element.tagName)) === 'SELECT') {
    await field.selectOption({ label: value });
    return;
  }
  await field.fill(value);
  const option = scope.getByRole('option', { name: value }).first();
  if (await option.isVisible().catch(() => false)) await option.click();
}

/// A group of boxes or selects under one label.
export const group = (scope, label) => scope.getByRole('group', { name: labelled(label) });

/// What every matter's header asks before it leaves its draft.
export async function header(form, domain = '生态环境') {
  await group(form, '所属领域').getByLabel(domain, { exact: true }).check();
  await form.getByLabel(/^不涉密确认/).first().check();
}

/// A field with its label, control and words below.
export const field = (scope, label) => scope.locator('.field', { has: scope.page().locator('.label', { hasText: labelled(label) }) }).filter({ visible: true }).last();

const faultOf = (scope, label) => field(scope, label).locator('.error').filter({ hasText: /\S/ }).first();

/// Waits for the words below a field; `waitFor` alone would tell nothing of what stood there.
export async function says(scope, label, wanted) {
  await faultOf(scope, label).filter({ hasText: wanted }).waitFor().catch(async () => {
    throw new Error(`${label} says “${await faultOf(scope, label).innerText({ timeout: 1 }).catch(() => '')}” instead of “${wanted}”`);
  });
}

/// What a matter's page says under a label.
export const fact = (page, label) => page.locator('dl.facts > div', { has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) }).locator('dd').first();

/// Presses the button in sight with this name.
export const pressed = (page, name) => page.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();

/// Waits until the server has kept what was typed, since the last time it was asked to.
export const kept = (page, words) =>
  page.waitForResponse((answer) => answer.request().method() === 'PUT' && /\/me\/forms\//.test(answer.url()) && (answer.request().postData() ?? '').includes(words) && answer.ok());

/// The button of a step, in sight: on a phone all but the first stand behind 更多.
export async function offered(page, label) {
  // A button carries the reason in small print behind its name.
  const button = page.getByRole('button', { name: new RegExp(`^${label}`) }).locator('visible=true').first();
  if (!(await button.count())) await page.getByRole('button', { name: WORDS.more, exact: true }).first().click();
  return button;
}

/// Presses a step's button and gives the dialog of its questions.
export async function begin(page, label) {
  await (await offered(page, label)).click();
  const dialog = page.getByRole('dialog', { name: label });
  await dialog.waitFor();
  return dialog;
}

/// Sends a dialog, which goes when its answers were taken.
export async function send(dialog, label) {
  await dialog.getByRole('button', { name: label, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await settle(dialog.page());
}

/// Presses a step's button and answers its questions; `more` answers those that are no single field.
export async function act(page, label, answers = {}, more = async () => {}) {
  const dialog = await begin(page, label);
  for (const [field, value] of Object.entries(answers)) await fill(dialog, field, value);
  await more(dialog);
  await send(dialog, label);
}

/// The state as the page shows it.
export async function expectState(page, state) {
  await page.getByRole('main').getByText(state, { exact: true }).first().waitFor();
}

export async function openMatter(page, address) {
  await page.goto(address);
  await page.locator('main h1').first().waitFor();
  await settle(page);
}

export async function openFromInbox(page, title) {
  await page.goto('/inbox?box=todo');
  await settle(page);
  await page.getByRole('link', { name: title }).locator('visible=true').first().click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  await settle(page);
}

/// Hands a spreadsheet over for review.
export async function upload(page, file) {
  await page.goto('/import?kind=work_item');
  await page.locator('input[type=file]').setInputFiles(file);
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
  await page.getByText('尚未写入任何数据').waitFor();
}

/// The row of a sheet under review that has these words; the last where it stands twice.
export const sheetRow = (page, words) => page.locator('tbody.m-row').filter({ hasText: words }).last();

export const verdict = (row, words) => row.locator('.c-verdict').getByText(words, { exact: true }).waitFor();

/// How many matters the list in sight has, on all its pages: rows on a desk, cards on a phone.
export async function listed(page) {
  const main = page.getByRole('main');
  const rows = main.locator('a[data-row], .cardlist a.cardlink').filter({ visible: true });
  const [all, more] = [main.getByText(/^共 \d+ 条，已全部显示$/), main.getByRole('button', { name: '显示更多' })];
  const none = main.getByText('没有符合条件的事项');
  await all.or(more).or(none).first().waitFor();
  if (await none.isVisible()) return 0;
  while (await more.isVisible()) {
    const shown = await rows.count();
    await more.click();
    await rows.nth(shown).waitFor();
  }
  await all.waitFor();
  return rows.count();
}

/// Looks for words in a list.
export async function searchList(page, words) {
  // What is typed while the list is drawn anew is lost.
  await settle(page);
  const box = page.getByRole('searchbox', { name: '标题或编号' });
  await box.fill(words);
  await Promise.all([page.waitForResponse((answer) => answer.url().includes(`q=${encodeURIComponent(words)}`)), box.press('Enter')]);
  await settle(page);
}
