import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { filteredPlan, NO_FILTER } from '../../src/views/plan/plan-filter.js';
import { planHtml } from '../../src/views/plan/plan-html.js';
import type { ShownPlan } from '../../src/views/plan/shown-plan.js';
import { generatedPlan } from '../unit/views/generated-plan.js';
import { alters, decision, id, shownPlan, team } from '../unit/views/sample-plan.js';
import { chromiumState, startChromium } from './chromium.js';

const HOSTILE = '<img src=x onerror=alert(1)></script>\u001b[31m\u202eevil\u200b';
const HOSTILE_SHOWN = '<img src=x onerror=alert(1)></script>\\u{1b}[31m\\u{202e}evil\\u{200b}';

describe.skipIf(chromiumState() === 'missing')('the HTML report in a browser', () => {
  let directory: string;
  let browser: Browser;
  let page: Page;
  /** What went wrong in the page, and what it asked the network for. */
  let troubles: string[];
  let requests: string[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fix-roles-report-'));
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser.close();
    await rm(directory, { recursive: true });
  });
  afterEach(async () => {
    await page.close();
  });

  /** Opens the report of a plan; returns how long it took until it could be used, in milliseconds. */
  async function open(plan: ShownPlan): Promise<number> {
    const file = join(directory, 'report.html');
    await writeFile(file, planHtml(await filteredPlan(plan, NO_FILTER), 'plan.json'));
    page = await browser.newPage();
    troubles = [];
    requests = [];
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('console', (message) => troubles.push(message.text()));
    page.on('dialog', (dialog) => {
      troubles.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => requests.push(request.url()));
    const begin = performance.now();
    await page.goto(pathToFileURL(file).href);
    await page.locator('html[data-ready]').waitFor();
    return performance.now() - begin;
  }

  const status = () => page.locator('#status').textContent();
  const rows = () => page.locator('details.decision').count();
  const press = async (filter: string) => page.locator(`[data-filter="${filter}"]`).click();
  const focused = () =>
    page.evaluate('document.activeElement.id || document.activeElement.textContent.slice(0, 24)');

  it('shows hostile names as they are, and lets them do nothing', async () => {
    const where = [id('7', 1), id('a', 1), HOSTILE, 'member-extra'] as const;
    const changes = alters('delete', where, id('d', 1), 1);
    await open(shownPlan({ teams: [team(where[0], HOSTILE, [decision(where[1], 'member', changes)])] }));
    expect(await page.locator('.team-head bdi').textContent()).toBe(HOSTILE_SHOWN);
    expect(await page.locator('.change bdi').textContent()).toBe(HOSTILE_SHOWN);
    await page.locator('details.decision summary').click();
    expect(await page.locator('.facts').textContent()).toContain(HOSTILE_SHOWN);
    expect(await page.locator('img, main script').count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  it('finds and filters, with the right counts', async () => {
    await open(generatedPlan(20));
    expect(await status()).toBe('200 changes for 60 of 60 users');
    await press('op:delete');
    expect(await status()).toBe('40 changes for 20 of 60 users');
    await press('op:deactivate');
    expect(await status()).toBe('80 changes for 40 of 60 users');
    await press('store:postgres');
    expect(await status()).toBe('40 changes for 40 of 60 users');
    expect(await page.locator('[data-filter="store:postgres"]').getAttribute('aria-pressed')).toBe('true');
    await press('standing:outsider');
    expect(await status()).toBe('20 changes for 20 of 60 users');
    await press('rule:owner-wants');
    expect(await status()).toBe('Nothing matches.');
    expect(await rows()).toBe(0);
    await page.locator('#clear').click();
    expect(await status()).toBe('200 changes for 60 of 60 users');

    await page.locator('#search').fill('  BÜRO wien ');
    await page.locator('#status', { hasText: '30 changes for 9 of 60 users' }).waitFor();
    expect(await rows()).toBe(9);
    await page.locator('#search').fill(id('d2', 17));
    await page.locator('#status', { hasText: '2 changes for 1 of 60 users' }).waitFor();
    expect(await page.locator('code.user').textContent()).toBe(id('b', 17));
    await page.locator('.team-head a').click();
    expect(await status()).toBe('10 changes for 3 of 60 users');
  });

  it('opens a decision to its facts', async () => {
    await open(generatedPlan(1));
    await page
      .locator('details.decision', { hasText: id('c', 0) })
      .locator('summary')
      .click();
    const facts = await page.locator('.facts').textContent();
    expect(facts).toContain('Because the creator of a team has the roles owner, admin and member.');
    expect(facts).toContain('The user has no active membership.');
    expect(facts).toContain(`ObjectId("${id('d3', 0)}")`);
  });

  it('asks the network for nothing, and could not', async () => {
    await open(generatedPlan(3));
    expect(requests).toEqual([page.url()]);
    const outcome = await page.evaluate(`Promise.all([
      fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused'),
      new Promise((done) => document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective))),
    ])`);
    expect(outcome).toEqual(['refused', 'connect-src']);
  });

  it('can be used with the keyboard alone', async () => {
    await open(generatedPlan(40));
    await page.keyboard.press('/');
    expect(await focused()).toBe('search');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe(id('a', 0));
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe(id('b', 0));
    await page.keyboard.press('Enter');
    expect(await page.locator('details.decision[open] code.user').textContent()).toBe(id('b', 0));
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    expect(await focused()).toBe('search');
    await page.keyboard.type('"sre 7"');
    await page.keyboard.press('Enter');
    expect(await status()).toBe('10 changes for 3 of 120 users');
    await page.keyboard.press('Escape');
    expect(await status()).toBe('400 changes for 120 of 120 users');
    // From the last row of a page to the first of the next, and back.
    await page.locator('details.decision summary').last().focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('#place').textContent()).toBe('Page 2 of 2');
    expect(await focused()).toBe(id('b', 33));
    await page.keyboard.press('ArrowUp');
    expect(await page.locator('#place').textContent()).toBe('Page 1 of 2');
    expect(await focused()).toBe(id('a', 33));
  });

  it.each(['light', 'dark'] as const)(
    'has text that stands out from its ground when it is %s',
    async (colorScheme) => {
      await open(generatedPlan(2));
      await page.emulateMedia({ colorScheme });
      const ratios = await page.evaluate(CONTRAST);
      expect(ratios).toEqual({ least: expect.any(Number) as number });
      expect((ratios as { least: number }).least).toBeGreaterThanOrEqual(4.5);
    },
  );

  it('prints everything that was found, on one page of the screen', async () => {
    await open(generatedPlan(50));
    expect(await rows()).toBe(100);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await rows()).toBe(150);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await rows()).toBe(100);
  });

  it('is usable with 100,000 changes, with few elements', async () => {
    const took = await open(generatedPlan(10_000));
    process.stderr.write(`HTML report of 100,000 changes: usable after ${took.toFixed(0)} ms\n`);
    // Measured: 2 to 4 s on two shared cores. The limit only catches what makes it useless.
    expect(took).toBeLessThan(20_000);
    expect(await status()).toBe('100,000 changes for 30,000 of 30,000 users');
    const elements = () => page.locator('*').count();
    expect(await elements()).toBeLessThan(3000);
    await page.locator('#search').fill('payments 9996');
    await page.locator('#status', { hasText: '10 changes for 3 of 30,000 users' }).waitFor();
    await page.locator('#clear').click();
    await page.locator('#next').click();
    expect(await page.locator('#place').textContent()).toBe('Page 2 of 300');
    expect(await elements()).toBeLessThan(3000);
  });
});

/** The least contrast (WCAG 2) between the colour of a text and that of the ground it stands on, over the whole page. */
const CONTRAST = `(() => {
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
  for (const element of document.querySelectorAll('body *')) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    if (element.tagName === 'SCRIPT' || element.disabled) continue;
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))];
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return { least };
})()`;
