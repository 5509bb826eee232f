// Files of a matter through the page: on their way, looked at, taken away, refused in words.

import { readFileSync } from 'node:fs';
import { check, equal, expect, shoot, sound } from './harness.mjs';
import { field, openMatter } from './pages.mjs';

/// A grey picture of 2 by 2 points.
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR42mNoaGBoaAAABgYCATGpHqEAAAAASUVORK5CYII=', 'base64');

/// One empty page (ISO 32000-1 §7.5); the offsets of the table are right.
function paper() {
  const parts = ['%PDF-1.4\n', '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n', '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n', '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n'];
  const offsets = parts.map((_, index) => parts.slice(0, index).join('').length).slice(1);
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  return Buffer.from(`${parts.join('')}xref\n0 4\n0000000000 65535 f \n${table}trailer<</Size 4/Root 1 0 R>>\nstartxref\n${parts.join('').length}\n%%EOF\n`);
}

export async function attachments({ people, size, ask }) {
  let id = null;
  const step = (name, steps) =>
    check(`${size}: files: ${name}`, async () => {
      const window = await people.of('office');
      const { page } = window;
      if (id === null) {
        const body = { subject: `附有图片和文件的巡查（${size}）`, unit: 'df-market', due_date: await ask.day('office', 20), way: 'on_foot' };
        id = (await ask.create('office', 'toy_patrol', body, true)).id;
        await openMatter(page, `/matters/${id}`);
      }
      const card = page.locator('section.card', { has: page.getByRole('heading', { name: '附件', exact: true }) });
      return [...((await steps(page, card, window)) ?? []), ...(await sound(window))];
    });
  const picture = { name: '现场照片.png', mimeType: 'image/png', buffer: PICTURE };
  const letter = { name: '检察建议书.pdf', mimeType: 'application/pdf', buffer: paper() };
  const line = (card, file) => card.getByRole('listitem').filter({ hasText: file.name });

  await step('uploaded, and said to be on the way', async (page, card) => {
    let release = null;
    const held = new Promise((done) => { release = done; });
    await page.route('**/attachments', async (route) => {
      if (route.request().method() === 'POST') await held;
      await route.continue();
    });
    await card.locator('input[type=file]').setInputFiles(picture);
    await card.getByText('正在上传…').waitFor();
    expect(await card.locator('input[type=file]').isDisabled(), 'a second file can be chosen while the first is on its way');
    release();
    await line(card, picture).waitFor();
    await card.getByText('添加附件').waitFor();
    await page.unroute('**/attachments');
    await card.locator('input[type=file]').setInputFiles(letter);
    await line(card, letter).waitFor();
    // The time line follows, since each file is an event.
    await page.locator('ol.time li').filter({ hasText: '附件' }).nth(1).waitFor();
    await shoot(page, `${size}-files`);
  });
  await step('looked at', async (page, card) => {
    await line(card, picture).getByRole('button', { name: '预览' }).click();
    const shown = page.getByRole('dialog', { name: picture.name });
    await shown.locator('img.preview').waitFor();
    await page.waitForFunction(() => document.querySelector('img.preview')?.naturalWidth === 2);
    await shoot(page, `${size}-files-picture`);
    await shown.getByRole('button', { name: '关闭' }).click();
    await shown.waitFor({ state: 'detached' });
    await line(card, letter).getByRole('button', { name: '预览' }).click();
    const read = page.getByRole('dialog', { name: letter.name });
    await read.locator('iframe.preview[src^="blob:"]').waitFor();
    await page.keyboard.press('Escape');
    await read.waitFor({ state: 'detached' });
  });
  await step('taken away', async (page, card) => {
    for (const file of [picture, letter]) {
      const [taken] = await Promise.all([page.waitForEvent('download'), line(card, file).getByRole('button', { name: '下载' }).click()]);
      equal(taken.suggestedFilename(), file.name, 'the name');
      expect(readFileSync(await taken.path()).equals(file.buffer), `${file.name} is not what was uploaded`);
    }
  });
  await step('refused in words', async (page, card, { faults }) => {
    faults.allow(/\/attachments$/);
    const files = await ask.get('office', `/matters/${id}/attachments`);
    for (const [file, words] of [
      [{ name: '绝密材料.pdf', mimeType: 'application/pdf', buffer: paper() }, '本平台不得处理涉密内容'],
      [{ name: '空文件.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) }, '文件是空的'],
    ]) {
      await card.locator('input[type=file]').setInputFiles(file);
      await card.getByRole('alert').filter({ hasText: words }).waitFor();
    }
    equal((await ask.get('office', `/matters/${id}/attachments`)).items.length, files.items.length, 'files after the refusals');
    // The same in a form.
    const draft = await ask.create('office', 'toy_patrol', { subject: '表单中的附件' }, false);
    await page.goto(`/matters/${draft.id}/edit`);
    const papers = field(page.getByRole('main'), '附件');
    await papers.locator('input[type=file]').setInputFiles({ name: '空文件.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) });
    await papers.getByRole('alert').filter({ hasText: '文件是空的' }).waitFor();
    await ask.act('office', draft.id, 'discard');
  });
  await step('what is no spreadsheet is refused in words', async (page, _, { faults }) => {
    faults.allow(/\/imports/);
    await page.goto('/import');
    const chooser = page.locator('input[type=file]');
    await chooser.setInputFiles(letter);
    await page.getByText('“检察建议书.pdf”不是表格文件').waitFor();
    await chooser.setInputFiles({ name: '工作清单.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.from('这不是表格') });
    await page.getByRole('alert').filter({ hasText: '不是可识别的表格文件' }).waitFor();
  });
}
