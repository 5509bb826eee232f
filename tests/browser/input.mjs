// Wrong input: said in words where it stands, all of it at once, with a way to each place.

import { accessibility } from './checks.mjs';
import { check, equal, expect, shoot, sound } from './harness.mjs';
import { fill, header, pressed, says } from './pages.mjs';

/// As a paste does it: one input event, the element's own limits hold.
async function paste(locator, text) {
  await locator.focus();
  await locator.evaluate((element) => element.select());
  await locator.page().evaluate((text) => document.execCommand('insertText', false, text), text);
}

/// Past the element's own limits, which an older or other client may not have.
async function force(locator, text) {
  await locator.evaluate((element, text) => {
    element.value = text;
    element.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }, text);
}

export async function badInput({ people, size, ask }) {
  await check(`${size}: wrong input is named at its field`, async () => {
    const window = await people.of('office');
    const { page } = window;
    await page.goto('/new/toy_patrol');
    const form = page.getByRole('main');
    await page.getByRole('heading', { level: 1, name: '新建联合巡查' }).waitFor();
    await paste(form.getByLabel(/^巡查内容/), '从别处粘贴来的\u0007带控制字符的内容');
    await fill(form, '巡查方式', '乘车');
    await form.getByLabel(/^巡查时限/).fill('12026-01-01');
    await force(form.getByLabel(/^地点/), '很长的地点'.repeat(13));
    await fill(form, '人数', '很多');
    await fill(form, '经费', '一千元');
    await form.getByRole('button', { name: '添加一项' }).click();
    await form.getByLabel('名称').fill('短');
    await paste(form.getByLabel(/^线索人/), '反写\u202e的名字');
    await pressed(page, '派出');
    for (const [label, wanted] of [
      ['巡查内容', '含有不可见的控制字符'], ['巡查单位', '请选择'], ['巡查时限', '请按“年-月-日”填写'], ['地点', '请写 2 至 60 字'], ['人数', '请填 1 至 50 的整数'],
      ['经费', '请填金额'], ['乘车事由', '请填写'], ['名称', '请写 2 至 30 字'], ['线索人', '含有不可见的控制字符'], ['所属领域', '请选择'], ['不涉密确认', '请勾选确认'],
    ]) await says(form, label, wanted);
    const summary = page.locator('.summary');
    await summary.getByText('有 11 处需要修改').waitFor();
    equal((await summary.getByRole('link').allInnerTexts()).filter((text) => /^[\x00-\x7f]/.test(text)), [], 'links of the summary that do not begin with a label');
    await summary.getByRole('link', { name: /^人数/ }).click();
    expect(await form.getByLabel(/^人数/).evaluate((element) => element === document.activeElement), 'the link leads to the field');
    expect(new URL(page.url()).pathname === '/new/toy_patrol', 'nothing was sent');
    await shoot(page, `${size}-input-bad`);
    return [...(await accessibility(page)), ...(await sound(window))];
  });
  await check(`${size}: what the server refuses is named at its field`, async () => {
    const window = await people.of('office');
    const { page, faults } = window;
    faults.allow(/\/api\/v1\/matters$/);
    const form = page.getByRole('main');
    await fill(form, '巡查内容', '内容没有问题，只是标题太长');
    await fill(form, '巡查单位', '市市场监管局');
    await fill(form, '巡查时限', await ask.day('office', 20));
    await fill(form, '巡查方式', '步行');
    for (const [label, value] of [['地点', '颍阳镇'], ['人数', '4'], ['经费', '20'], ['名称', '一号点'], ['线索人', '']]) await fill(form, label, value);
    await header(form);
    const title = form.getByLabel(/^标题/);
    await paste(title, '很长的标题'.repeat(50));
    equal((await title.inputValue()).length, 80, 'characters of a pasted title');
    await force(title, '很长的标题'.repeat(50));
    await pressed(page, '派出');
    await says(form, '标题', '请写 5 至 80 字');
    await page.locator('.summary').getByRole('link', { name: /^标题：/ }).click();
    expect(await title.evaluate((element) => element === document.activeElement), 'the link leads to the title');
    await title.fill('标题里有\u0001控制字符');
    await pressed(page, '派出');
    await says(form, '标题', '含有不可见的控制字符');
    await title.fill('机密★标题');
    await pressed(page, '派出');
    await says(form, '标题', '本平台不得处理涉密内容');
    await shoot(page, `${size}-input-server`);
    const found = await sound(window);
    await title.fill(`改好的标题（${size}）`);
    await pressed(page, '派出');
    await page.getByRole('heading', { level: 1, name: `改好的标题（${size}）` }).waitFor();
    return [...found, ...(await sound(window))];
  });
}
