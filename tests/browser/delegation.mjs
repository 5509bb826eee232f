// 代理: one who is away names a deputy, who acts in their name, visibly so.

import { check, equal, expect, shoot, sound } from './harness.mjs';
import { act, expectState, openMatter, pressed } from './pages.mjs';

const [AWAY, DEPUTY] = ['df-water.liaison_officer', 'df-water.handler'];

export async function delegation({ people, size, ask }) {
  const [away, deputy] = [await ask.get(AWAY, '/me'), await ask.get(DEPUTY, '/me')];
  await check(`${size}: delegation: named in the profile`, async () => {
    const window = await people.of(AWAY);
    const { page } = window;
    await page.goto('/profile');
    const card = page.locator('section.card', { has: page.getByRole('heading', { name: '代理', exact: true }) });
    const picker = card.getByRole('combobox', { name: '代理人' });
    // Without a person nothing is sent, and it is said what is missing.
    await card.getByLabel('起始日期').fill(away.today);
    await card.getByLabel('截止日期').fill(away.today);
    await card.getByRole('button', { name: '设置代理' }).click();
    await card.getByText('请选择代理人和起止日期').waitFor();
    await picker.fill(deputy.name);
    await card.getByRole('option', { name: new RegExp(`^${deputy.name}`) }).first().click();
    await card.getByRole('button', { name: '设置代理' }).click();
    await card.getByText(`${away.name} → ${deputy.name}`).waitFor();
    await card.getByText('生效中').waitFor();
    await shoot(page, `${size}-delegation-profile`);
    return sound(window);
  });
  await check(`${size}: delegation: the deputy acts`, async () => {
    const subject = `由代理人签收和分办的巡查（${size}）`;
    const { id } = await ask.create('office', 'toy_patrol', { subject, unit: 'df-water', due_date: await ask.day('office', 20), way: 'on_foot' }, true);
    const window = await people.of(DEPUTY);
    const { page } = window;
    await page.goto('/profile');
    if (size === 'desktop') {
      await page.locator('header.top button.person').click();
      await page.locator('header.top').getByRole('button', { name: `代理 ${away.name} 办理` }).click();
    } else {
      await page.getByRole('main').getByRole('button', { name: `代理 ${away.name} 办理` }).click();
    }
    await page.getByText(`正在代理 ${away.name}`).waitFor();
    await openMatter(page, `/matters/${id}`);
    await act(page, '签收');
    await expectState(page, '巡查中');
    // Handing out inside the unit is the liaison officer's, not a handler's.
    await act(page, '分办', {}, (dialog) => dialog.getByLabel(/^承办人/).selectOption({ value: deputy.id }));
    const rows = page.locator('ol.time li');
    for (const step of ['签收', '分办']) await rows.filter({ hasText: `${deputy.name}（代${away.name}）` }).filter({ hasText: step }).first().waitFor();
    await page.getByText(`正在代理 ${away.name}`).waitFor();
    await shoot(page, `${size}-delegation-acting`);
    const found = await sound(window);
    await pressed(page, '结束代理，以本人身份办理');
    await page.getByText(`正在代理 ${away.name}`).waitFor({ state: 'hidden' });
    equal((await ask.get(AWAY, `/matters/${id}/events?limit=50`)).items.filter((event) => event.on_behalf_of === away.name).length, 2, 'events on behalf of');
    return [...found, ...(await sound(window))];
  });
  await check(`${size}: delegation: over when it is ended`, async () => {
    const window = await people.of(AWAY);
    const { page } = window;
    await page.goto('/profile');
    await page.getByRole('button', { name: '结束代理', exact: true }).click();
    await page.getByText(`${away.name} → ${deputy.name}`).waitFor({ state: 'detached' });
    const other = await people.of(DEPUTY);
    await other.page.reload();
    await other.page.locator('main h1').first().waitFor();
    expect((await other.page.getByRole('button', { name: `代理 ${away.name} 办理` }).count()) === 0, 'an ended delegation is still offered');
    return [...(await sound(window)), ...(await sound(other))];
  });
}
