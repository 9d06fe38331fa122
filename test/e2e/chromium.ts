import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';

const PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Whether tests in a browser can run: where it is missing, they fail in CI, and are left out (with a note) elsewhere. */
export function chromiumState(): 'there' | 'missing' {
  if (existsSync(PATH)) return 'there';
  const missing = `No Chromium at ${PATH}: install it (apt-get install chromium) or set CHROMIUM_PATH.`;
  if (process.env['CI'] !== undefined || process.env['CHROMIUM_PATH'] !== undefined) throw new Error(missing);
  process.stderr.write(`${missing} Tests in a browser are left out.\n`);
  return 'missing';
}

/** Starts it without a window and without any traffic of its own. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: PATH,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page, and what went wrong in it and what it asked the network for. */
export interface OpenedPage {
  readonly page: Page;
  readonly troubles: readonly string[];
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Opens HTML from a file, with a fragment of its address. */
export async function openHtml(
  browser: Browser,
  html: AsyncIterable<string>,
  hash = '',
): Promise<OpenedPage> {
  const directory = await mkdtemp(join(tmpdir(), 'fix-roles-page-'));
  const file = join(directory, 'page.html');
  await writeFile(file, html);
  const page = await browser.newPage();
  const troubles: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => troubles.push(message.text()));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href + hash);
  const close = async (): Promise<void> => {
    await page.close();
    await rm(directory, { recursive: true });
  };
  return { page, troubles, requests, close };
}

/** The least contrast between a text and its ground on a page. */
export async function leastContrast(page: Page): Promise<number> {
  return Number(await page.evaluate(LEAST_CONTRAST));
}

/** The least contrast (WCAG 2) between the colour of a text and that of the ground it stands on, over the whole page. */
const LEAST_CONTRAST = `(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  let least = 21;
  const compare = (element, colour) => {
    const [a, b] = [luminance(channels(colour)), luminance(ground(element))];
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  };
  for (const element of document.querySelectorAll('body *')) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    if (element.tagName === 'SCRIPT' || element.disabled) continue;
    compare(element, getComputedStyle(element).color);
  }
  for (const input of document.querySelectorAll('input')) compare(input, getComputedStyle(input, '::placeholder').color);
  return least;
})()`;
