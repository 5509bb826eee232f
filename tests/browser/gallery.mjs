// All pages, one after the other.

import { accessibility, overflow, untranslated } from './checks.mjs';
import { check, open, shoot } from './harness.mjs';
import { PAGES, setLanguage, settle, upload } from './pages.mjs';
import { workbook } from './sheet.mjs';

/// Addresses of what must be begun before it can be looked at: a draft and a sheet under review.
export async function begun(people, size, ask) {
  const { id } = await ask.create('office', 'work_item', {}, false);
  const { page } = await people.of('office');
  const buffer = workbook([
    ['序号', '工作任务', '牵头单位', '完成时限', '任务来源'],
    ['1', `核对界桩的位置（${size}）`, '市文旅局', '2027-06-30', '工作方案二（一）'],
    ['2', `没有这个单位的任务（${size}）`, '市某某局', '六月底', '工作方案二（二）'],
  ]);
  await upload(page, { name: `界桩（${size}）.xlsx`, mimeType: 'application/octet-stream', buffer });
  return { draft: `/matters/${id}/edit`, sheet: new URL(page.url()).pathname };
}

/// Every page in both languages, with a picture: no error, no scrolling sideways, nothing left in Chinese, accessible.
export async function gallery(people, size, addresses) {
  for (const language of ['zh', 'en']) {
    for (const { name, path, person } of PAGES) {
      await check(`${size}: ${name} (${language})`, async () => {
        const { page, faults } = await people.of(person);
        const target = path.startsWith(':') ? (addresses[path.slice(1)] ?? '/matters/missing') : path;
        await setLanguage(page, language);
        await page.goto(target);
        await page.locator('main h1').first().waitFor();
        await settle(page);
        await shoot(page, `${size}-${language}-${name}`);
        return [
          ...faults.take(),
          ...(await overflow(page)),
          ...(language === 'en' ? await untranslated(page) : []),
          ...(await accessibility(page)),
        ];
      });
    }
  }
}

export async function signInPage(browser, base, size) {
  for (const language of ['zh', 'en']) {
    await check(`${size}: sign-in (${language})`, async () => {
      const { context, page, faults } = await open(browser, base, size, { locale: language === 'zh' ? 'zh-CN' : 'en-GB' });
      await page.goto('/');
      await page.locator('form').first().waitFor();
      await settle(page);
      await shoot(page, `${size}-${language}-sign-in`);
      const found = [...faults.take(), ...(await overflow(page)), ...(language === 'en' ? await untranslated(page) : []), ...(await accessibility(page))];
      await context.close();
      return found;
    });
  }
}
