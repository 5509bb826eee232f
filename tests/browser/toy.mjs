// A kind declared in the test crate alone, and what the pages make of it: entry, list, form with every input, page, step, export.
// No line of the client knows it.

import { readFileSync } from 'node:fs';
import { accessibility } from './checks.mjs';
import { check, equal, expect, shoot, sound } from './harness.mjs';
import { act, expectState, fact, fill, group, header, openMatter, pressed } from './pages.mjs';
import { entries } from './sheet.mjs';

const NAME = '联合巡查';

export async function toy({ people, size, ask }) {
  const subject = `沿颍河查看排污口和标识牌（${size}）`;
  let address = null;
  const steps = [
    [`${size}: toy kind: entry and form with every input`, () => written({ people, size, ask, subject }).then((path) => { address = path; })],
    [`${size}: toy kind: a step with a form`, () => stepped({ people, size, address })],
    [`${size}: toy kind: list and export`, () => listed({ people, size, subject })],
  ];
  for (const [name, step] of steps) {
    const went = await check(name, async () => {
      await step();
      const faults = [];
      for (const person of ['office', 'market']) faults.push(...(await sound(await people.of(person))));
      return faults;
    });
    if (!went) return;
  }
}

/// Nobody wrote an entry for it: the navigation has one. On a phone the list has its address and the bar its button.
async function enter(page, size) {
  if (size === 'desktop') {
    await page.goto('/');
    const navigation = page.getByRole('navigation', { name: '主导航' }).filter({ visible: true });
    await navigation.getByRole('link', { name: new RegExp(`^${NAME}`) }).click();
    await page.getByRole('heading', { level: 1, name: NAME, exact: true }).waitFor();
    await page.getByText('新建事项', { exact: true }).click();
    await page.getByRole('link', { name: NAME, exact: true }).last().click();
  } else {
    await page.goto('/new/toy_patrol');
  }
  await page.getByRole('heading', { level: 1, name: `新建${NAME}` }).waitFor();
}

async function written({ people, size, ask, subject }) {
  const { page, faults } = await people.of('office');
  // The file moves the draft's version: handing it in is tried with the old one first.
  faults.allow(/\/matters\/[^/]+$/);
  const [due, guide] = [await ask.day('office', 30), (await ask.get('office', '/me')).name];
  await enter(page, size);
  const form = page.getByRole('main');
  expect(!(await form.getByLabel('乘车事由').isVisible()), 'a conditional field is asked without its condition');
  await fill(form, '巡查内容', subject);
  await fill(form, '巡查单位', '市市场监管局');
  await fill(form, '参加单位', '市水利局');
  await fill(form, '参加单位', '市教育局');
  await fill(form, '巡查时限', due);
  await fill(form, '巡查方式', '乘车');
  await fill(form, '乘车事由', '路远');
  await fill(form, '巡查领域', '生态环境');
  for (const domain of ['食品药品', '公共卫生']) await group(form, '相关领域').getByLabel(domain, { exact: true }).check();
  await fill(form, '地点', '颍阳镇');
  await fill(form, '人数', '4');
  await fill(form, '经费', '1200.5');
  await form.getByLabel('夜间').check();
  await form.getByLabel('带队人').selectOption({ label: (await form.getByLabel('带队人').locator('option', { hasText: guide }).first().textContent()) });
  await fill(form, '巡查要点', '排污口\n标识牌');
  await group(form, '周期').getByLabel('周期', { exact: true }).selectOption({ label: '每月' });
  await group(form, '周期').getByLabel('日期', { exact: true }).selectOption({ label: '25日' });
  for (const [index, stop] of ['一号点', '二号点'].entries()) {
    await form.getByRole('button', { name: '添加一项' }).click();
    await form.getByLabel('名称').nth(index).fill(stop);
  }
  await fill(form, '线索人', '刘某');
  await header(form);
  // Files belong to a matter: the draft comes first.
  await pressed(page, '保存草稿');
  await page.waitForURL(/\/matters\/[0-9a-f-]{36}\/edit$/);
  await page.getByRole('heading', { level: 1, name: new RegExp(`^编辑${NAME}`) }).waitFor();
  await form.locator('input[type=file]').setInputFiles({ name: '现场照片说明.txt', mimeType: 'text/plain', buffer: Buffer.from('三号口无标识牌') });
  await form.getByLabel('现场照片说明.txt').waitFor();
  expect(await form.getByLabel('现场照片说明.txt').isChecked(), 'an uploaded file is chosen at once');
  const found = await accessibility(page);
  expect(found.length === 0, found.join('\n    '));
  await shoot(page, `${size}-toy-form`);
  await pressed(page, '派出');
  await page.getByRole('heading', { level: 1, name: subject }).waitFor();
  await expectState(page, '待签收');
  const [year, month, day] = due.split('-').map(Number);
  for (const [label, shown] of [
    ['巡查单位', '市市场监管局'], ['参加单位', '市水利局'], ['参加单位', '市教育局'], ['巡查时限', `${year}年${month}月${day}日`], ['巡查方式', '乘车'],
    ['巡查领域', '生态环境'], ['所属领域', '生态环境'], ['相关领域', '食品药品、公共卫生'], ['地点', '颍阳镇'], ['人数', '4'], ['经费', '1,200.50 元'], ['夜间', '是'],
    ['带队人', guide], ['巡查要点', '标识牌'], ['附件', '1 个附件'], ['周期', '每月25日'], ['乘车事由', '路远'], ['巡查点', '二号点'], ['线索人', '刘某'],
  ]) {
    const text = await fact(page, label).innerText();
    expect(text.includes(shown), `${label} is shown as ${text} instead of ${shown}`);
  }
  await shoot(page, `${size}-toy-detail`);
  return new URL(page.url()).pathname;
}

async function stepped({ people, size, address }) {
  const { page } = await people.of('market');
  await openMatter(page, address);
  await act(page, '签收');
  await expectState(page, '巡查中');
  await act(page, '报告问题', { 巡查小结: '发现两处问题' }, async (dialog) => {
    for (const [index, finding] of ['三号口无标识牌', '五号口水色异常'].entries()) {
      // The form starts with a row.
      if (index > 0) await dialog.getByRole('button', { name: '添加一项' }).click();
      await dialog.getByLabel(/^问题/).nth(index).fill(finding);
    }
  });
  await expectState(page, '整改中');
  // The rows of the step became matters of the other toy kind.
  await page.getByRole('link', { name: '五号口水色异常' }).waitFor();
  await shoot(page, `${size}-toy-step`);
}

async function listed({ people, size, subject }) {
  const { page } = await people.of('office');
  await page.goto('/list/toy_patrol');
  await page.getByRole('heading', { level: 1, name: NAME, exact: true }).waitFor();
  // As a row on a desk, as a card on a phone.
  await page.getByRole('link', { name: subject }).filter({ visible: true }).waitFor();
  if (size === 'phone') return;
  for (const column of ['巡查单位', '巡查方式', '地点', '人数']) await page.getByRole('columnheader', { name: column, exact: true }).waitFor();
  await page.getByLabel('环节', { exact: true }).selectOption({ label: '整改中' });
  await page.waitForURL(/state=mending/);
  await page.getByRole('link', { name: subject }).filter({ visible: true }).waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出', exact: true }).click()]);
  equal(file.suggestedFilename(), 'matters.xlsx', 'the name of the export');
  const sheet = entries(readFileSync(await file.path()));
  const text = [...sheet].filter(([name]) => /sharedStrings|sheet1/.test(name)).map(([, bytes]) => bytes.toString('utf8')).join('');
  for (const words of [subject, '巡查方式', '颍阳镇', '乘车']) expect(text.includes(words), `the export does not say ${words}`);
}
