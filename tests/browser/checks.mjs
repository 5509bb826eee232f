// What must hold on every page, whatever it shows.

import axe from 'axe-core';

/// Notes what goes wrong on a page; `take` gives it once. The browser itself reports every refused request: those that a check
/// is about are allowed by their address.
export function watch(page) {
  const faults = [];
  // Before sign-in, the page asks whether there is a session.
  const allowed = [/\/auth\/(refresh|login)$/];
  const expected = (message) => /Failed to load resource/.test(message.text()) && allowed.some((address) => address.test(message.location().url ?? ''));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected(message)) faults.push(`console: ${message.text()} (${message.location().url ?? ''})`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('crash', () => faults.push('the page crashed'));
  return { take: () => faults.splice(0), allow: (address) => allowed.push(address) };
}

export async function overflow(page) {
  const { wide, room, culprits } = await page.evaluate(() => {
    const root = document.scrollingElement;
    const room = root.clientWidth;
    const culprits = [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > room + 1)
      .slice(0, 3)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
    return { wide: root.scrollWidth, room, culprits };
  });
  return wide > room ? [`scrolls sideways: ${wide} px in ${room} px; ${culprits.join(', ')}`] : [];
}

/// Words of the interface that stay Chinese in English. Values of data (titles, names) may be Chinese.
export async function untranslated(page) {
  const texts = await page.evaluate(() => {
    const interfaceParts = 'nav a, button, th, label, legend, summary, h2, dt, [role="tab"], [placeholder], [aria-label]';
    const own = (element) => [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent).join('');
    return [...document.querySelectorAll(interfaceParts)]
      .filter((element) => element.checkVisibility() && !element.closest('[lang^="zh"]:not(html), [data-value]'))
      .flatMap((element) => [own(element), element.getAttribute('placeholder') ?? ''])
      .map((text) => text.trim());
  });
  // A language is named in itself.
  const chinese = [...new Set(texts)].filter((text) => /\p{Script=Han}/u.test(text) && text !== '中文');
  return chinese.slice(0, 5).map((text) => `Chinese in English: ${text}`);
}

/// Violations of WCAG 2 A and AA, however light axe takes them.
export async function accessibility(page) {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const result = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] });
    return result.violations.map((violation) => ({ id: violation.id, help: violation.help, where: violation.nodes.slice(0, 3).map((node) => node.target.join(' ')) }));
  });
  return violations.map(({ id, help, where }) => `${id}: ${help}: ${where.join(', ')}`);
}
