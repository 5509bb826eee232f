// All pages, one after the other.

import { accessibility, overflow, untranslated } from './checks.mjs';
import { check, open, shoot } from './harness.mjs';
import { PAGES, setLanguage, settle } from './pages.mjs';

/// Every page in both languages, with a picture: no error, no scrolling sideways, nothing left in Chinese, accessible.
export async function gallery(people, size, address) {
  for (const language of ['zh', 'en']) {
    for (const { name, path, person } of PAGES) {
      await check(`${size}: ${name} (${language})`, async () => {
        const { page, faults } = await people.of(person);
        const target = path.replace('/matters/:story', address ?? '/matters/missing');
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
