import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { id } from '../unit/files/sample-plan.js';
import { end, losing, RUN, told } from '../unit/views/sample-receipt.js';
import { chromiumState, leastContrast, openHtml, startChromium, type OpenedPage } from './chromium.js';
import { emptyDirectory, exits, fixRoles } from './cli.js';

const HOSTILE = '</code></script><script>alert(1)</script><img src=x onerror=alert(1)>';

/** A receipt in a file: one team done, one failed, with hostile names. */
async function receiptFile(): Promise<string> {
  const file = join(await emptyDirectory(), 'plan.json.receipt.jsonl');
  const changes = losing(HOSTILE, `${HOSTILE}2`, '<b>admin</b>');
  const events = [
    { ...RUN, who: `${HOSTILE}3` },
    ...told(id('a', 1), 'applied'),
    ...told(HOSTILE, 'failed', changes, `${HOSTILE}\u202e\u001b[31m`),
    end('incomplete'),
  ];
  await writeFile(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return file;
}

describe('show of a receipt', () => {
  it('gives it as Markdown of limited size, with the command that goes on with it', async () => {
    const file = await receiptFile();
    const { stdout, stderr } = await exits(0, fixRoles(['show', file, '--format', 'markdown']));
    expect(stderr).toBe('');
    expect(stdout).toContain(`Next: \`fix-roles apply ${file.replace('.receipt.jsonl', '')}\` once more`);
    expect(stdout.indexOf('**failed** team')).toBeLessThan(stdout.indexOf(id('a', 1)));
    const small = await exits(0, fixRoles(['show', file, '--format', 'markdown', '--max-bytes', '2500']));
    expect(Buffer.byteLength(small.stdout)).toBeLessThanOrEqual(2500);
    await exits(64, fixRoles(['show', file, '--format', 'markdown', '--max-bytes', '100']), 'as Markdown');
  });
});

describe.skipIf(chromiumState() === 'missing')('the HTML of a receipt in a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  async function open(): Promise<OpenedPage> {
    const { stdout } = await exits(0, fixRoles(['show', await receiptFile(), '--format', 'html']));
    async function* pieces(): AsyncIterable<string> {
      yield await Promise.resolve(stdout);
    }
    const opened = await openHtml(browser, pieces());
    onTestFinished(() => opened.close());
    return opened;
  }

  it('shows hostile names as they are, lets them do nothing, and asks the network for nothing', async () => {
    const { page, troubles, requests } = await open();
    const heads = await page.locator('.team-head').allTextContents();
    expect(heads[0]).toContain(`team ${HOSTILE}, failed and rolled back in both stores`);
    expect(heads[1]).toContain(`team ${id('a', 1)}, applied`);
    expect(await page.locator('main .part').textContent()).toBe(`${HOSTILE}\\u{202e}\\u{1b}[31m`);
    expect(await page.locator('.change bdi').first().textContent()).toBe('<b>admin</b>');
    expect(await page.locator('img, script').count()).toBe(0);
    expect(troubles).toEqual([]);
    expect(requests).toEqual([page.url()]);
  });

  it.each(['light', 'dark'] as const)('can be read on a phone when it is %s', async (colorScheme) => {
    const { page } = await open();
    await page.setViewportSize({ width: 390, height: 800 });
    await page.emulateMedia({ colorScheme });
    expect(await leastContrast(page)).toBeGreaterThanOrEqual(4.5);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});
