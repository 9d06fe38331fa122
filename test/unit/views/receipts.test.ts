import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ReceiptEvent } from '../../../src/files/receipt/schema.js';
import { NO_FILTER, type PlanFilter } from '../../../src/views/plan/plan-filter.js';
import { DEFAULT_MAX_BYTES } from '../../../src/views/markdown.js';
import { receiptsHtml } from '../../../src/views/receipt/receipt-html.js';
import { receiptsMarkdown } from '../../../src/views/receipt/receipt-markdown.js';
import type { NamedReceipt } from '../../../src/views/receipt/receipt-teams.js';
import { receiptsText } from '../../../src/views/receipt/receipt-text.js';
import { PLAIN_TERMINAL } from '../../../src/views/terminal.js';
import { id } from '../files/sample-plan.js';
import { failureOf } from '../files/reading.js';
import { ownFolder } from '../../own-folder.js';
import { textOf } from './sample-plan.js';
import { end, losing, namedReceipt, RUN, told } from './sample-receipt.js';

const team = (number: number): string => id('a', number);

async function receipt(events: readonly ReceiptEvent[], name?: string): Promise<NamedReceipt> {
  const named = await namedReceipt(await ownFolder(), events, name);
  onTestFinished(() => named.receipt.close());
  return named;
}

type Form = 'text' | 'markdown' | 'html';
const FORMS: readonly Form[] = ['text', 'markdown', 'html'];

function rendered(form: Form, receipts: readonly NamedReceipt[], filter: PlanFilter = NO_FILTER) {
  if (form === 'text') return textOf(receiptsText(receipts, filter, PLAIN_TERMINAL));
  if (form === 'html') return textOf(receiptsHtml(receipts, filter));
  return receiptsMarkdown(receipts, filter, DEFAULT_MAX_BYTES);
}

/** What is shown, without the marks of the form. */
function words(shown: string): string {
  const body = shown.replace(/^[^]*<body>/, '').replace(/<[^>]*>/g, '');
  return body.replaceAll('&#39;', "'").replace(/[`*]/g, '').replace(/\s+/g, ' ');
}

const HOSTILE = '</code><script>alert(1)</script><img src=x onerror=alert(1)>`|**';

describe.each(FORMS)('a receipt as %s', (form) => {
  it('says of which plan and databases it is, who ran it and how that ended, and what took effect', async () => {
    const approvals = [{ principal: 'eve', key: `SHA256:${'k'.repeat(43)}` }];
    const named = await receipt([{ ...RUN, approvals }, ...told(team(1), 'applied'), end('complete')]);
    const shown = words(await rendered(form, [named]));
    for (const part of [RUN.plan, named.receipt.digest, 'database app, table public.t, cluster 7'])
      expect(shown).toContain(part);
    expect(shown).toContain('Receipt of a plan to repair team roles');
    expect(shown).toContain('by ann@desk with fix-roles/1.0.0, 2 teams in the plan');
    expect(shown).toContain(`approved by eve (SHA256:${'k'.repeat(43)})`);
    expect(shown).toContain('everything in the plan held in both stores');
    expect(shown).toContain('1 team: applied in both stores and read back');
    expect(shown).toContain('Nothing is left to be done. ');
    expect(shown).toContain('To take it back: fix-roles revert plan.json.receipt.jsonl -o revert.json');
  });

  it.each([
    ['a team failed', [...told(team(1), 'failed'), end('incomplete')], ['again']],
    ['a team is of unknown state', [...told(team(1), 'unknown'), end('incomplete')], ['again']],
    ['it was killed', told(team(1), 'begun'), ['again']],
    ['it was interrupted', [...told(team(1), 'applied'), end('interrupted')], ['again']],
    ['it did not come to every team', [...told(team(1), 'applied'), end('incomplete')], ['again']],
    ['a team drifted', [...told(team(1), 'drifted'), end('incomplete')], ['new plan']],
    ['a team was overtaken', [...told(team(1), 'overtaken'), end('incomplete')], ['new plan']],
    [
      'one failed and one drifted',
      [...told(team(1), 'failed'), ...told(team(2), 'drifted'), end('incomplete')],
      ['again', 'new plan'],
    ],
  ])('says what is to be done when %s', async (_what, events, expected) => {
    const shown = words(await rendered(form, [await receipt([RUN, ...events])]));
    const steps = {
      again: 'fix-roles apply plan.json once more; it goes on where the last run ended.',
      'new plan': 'What no longer matches needs a new plan: fix-roles plan -o new-plan.json',
    };
    const found = Object.entries(steps).filter(([, sentence]) => shown.includes(sentence));
    expect(found.map(([step]) => step)).toEqual(expected);
    expect(shown).not.toContain('Nothing is left');
  });

  it('goes on with an apply that was run once more, and gives a new plan a name that is free', async () => {
    const events = [...told(team(1), 'applied'), end('complete'), RUN, ...told(team(1), 'failed')];
    const named = await receipt([RUN, ...events, end('incomplete')]);
    const shown = words(await rendered(form, [{ ...named, nameOf: (name) => `new-${name}` }]));
    expect(shown).toContain('fix-roles apply plan.json --again once more');
    expect(shown).toContain('-o new-revert.json');
  });

  it('shows the parts of one plan together, each with the command that goes on with it', async () => {
    const first = await receipt(
      [RUN, ...told(team(1), 'applied'), end('complete')],
      'p.json.receipt.0-of-2.jsonl',
    );
    const second = await receipt(
      [RUN, ...told(team(2), 'failed'), end('incomplete')],
      'p.json.receipt.1-of-2.jsonl',
    );
    const shown = words(await rendered(form, [first, second]));
    expect(shown).toContain('2 receipts of one plan');
    expect(shown).toContain('fix-roles apply p.json --shard 1/2 once more');
    expect(shown).not.toContain('--shard 0/2');
    expect(shown).toContain('1 team: failed and rolled back in both stores');
    const twice = words(await rendered(form, [first, first]));
    expect(twice).toContain('1 team counted more than once');
  });

  it.each([
    ['plan.json.receipt.jsonl', 'fix-roles apply plan.json once more'],
    ['deep/p.json.receipt.3-of-4.jsonl', 'fix-roles apply deep/p.json --shard 3/4 once more'],
    ['abc.0-of-2.jsonl', 'fix-roles apply PLAN --receipt abc.jsonl --shard 0/2 once more'],
    ['RECEIPT', 'fix-roles apply PLAN once more'],
  ])('names the command that goes on with %s', async (file, command) => {
    const named = await receipt([RUN, ...told(team(1), 'begun')]);
    expect(words(await rendered(form, [{ ...named, file }]))).toContain(command);
  });

  it('shows the part that a filter lets through, and says so', async () => {
    const events = [
      ...told(team(1), 'applied'),
      ...told(team(2), 'applied', losing(team(2), id('b', 2), 'owner')),
    ];
    const named = await receipt([RUN, ...events, end('complete')]);
    const shown = words(await rendered(form, [named], { ...NO_FILTER, users: [id('b', 2)] }));
    expect(shown).toContain(
      `Below is a part of the receipt (only user ${id('b', 2)}); the totals are those of the whole.`,
    );
    expect(shown).toContain(team(2));
    expect(shown).not.toContain(team(1));
    expect(shown).toContain('2 teams: applied');
  });
});

describe.each(['markdown', 'html'] as const)('a receipt as %s', (form) => {
  it('names those teams first that need attention', async () => {
    const outcomes = [
      'applied',
      'drifted',
      'finished',
      'failed',
      'unknown',
      'overtaken',
      'begun',
      'half-done',
    ] as const;
    const events = outcomes.flatMap((outcome, at) => told(team(at), outcome, undefined, 'no room'));
    const shown = words(await rendered(form, [await receipt([RUN, ...events, end('incomplete')])]));
    const worstFirst = [4, 6, 7, 3, 5, 1, 2, 0];
    const order = [...shown.matchAll(/team a0+(\d), /g)].map(([, number]) => Number(number));
    // In Markdown those that need attention, then the rows of all.
    expect(order).toEqual(form === 'html' ? worstFirst : [...worstFirst.slice(0, 6), ...worstFirst]);
  });

  it('lets no name, value or message act, however they are meant', async () => {
    const [hostileTeam, user] = [HOSTILE, `${HOSTILE}2`];
    const problem = `${HOSTILE}\u001b[31m\u202e\u200b`;
    const differing = losing(hostileTeam, user, HOSTILE.slice(0, 40)).map((change) => ({
      ...change,
      differs: [`${HOSTILE}3`],
    }));
    const failed = told(hostileTeam, 'failed', differing, problem).map((event) =>
      event.event === 'outcome'
        ? { ...event, triggered: [{ table: `${HOSTILE}4`, inserted: 1, updated: 0, deleted: 0 }] }
        : event,
    );
    const run = { ...RUN, who: `${HOSTILE}5`, tool: `${HOSTILE}6` };
    const file = `${HOSTILE.replaceAll('/', '')}.jsonl`;
    const named = await receipt([run, ...failed, end('incomplete')], file);
    for (const receipts of [[named], [named, named]]) {
      const shown = await rendered(form, receipts);
      expect(shown).not.toMatch(/[\u001b\u202e\u200b]/);
      const html =
        form === 'html'
          ? shown
          : micromark(shown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
      expect(html).not.toMatch(/<script|<img|<a /i);
      expect(html).toContain('alert(1)');
      expect(html).toContain('\\u{202e}');
    }
  });
});

describe('a receipt as Markdown', () => {
  const large = Array.from({ length: 400 }, (_, at) =>
    told(team(at), at % 2 === 0 ? 'applied' : 'failed', undefined, 'no room'),
  );

  it('fits into a comment, however large it is, and says what it left out and where that is', async () => {
    const named = await receipt([RUN, ...large.flat(), end('incomplete')]);
    const text = await rendered('markdown', [named]);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(DEFAULT_MAX_BYTES);
    expect(Buffer.byteLength(text)).toBeGreaterThan(DEFAULT_MAX_BYTES - 1000);
    expect(text.match(/^- \*\*failed\*\* team .* recorded/gm)).toHaveLength(200);
    expect(text).toMatch(
      /Left out for want of space:\*\* \d+ of 800 changes; .*`fix-roles show plan\.json\.receipt\.jsonl`/,
    );
    const small = await receiptsMarkdown([named], NO_FILTER, 3000);
    expect(Buffer.byteLength(small)).toBeLessThanOrEqual(3000);
    expect(small).toContain('of 200 teams that need attention');
    expect(small).toContain('once more; it goes on where the last run ended.');
  });

  it('is refused where not even its sums fit', async () => {
    const named = await receipt([RUN, end('complete')]);
    const failure = await failureOf(receiptsMarkdown([named], NO_FILTER, 100));
    expect(failure.kind).toBe('usage');
    expect(failure.message).toContain('rendering the receipt as Markdown');
  });

  it('lists the last runs of many, and counts the others', async () => {
    const named = await receipt(Array.from({ length: 9 }, (_, at) => ({ ...RUN, who: `ann${at}@desk` })));
    const text = await rendered('markdown', [named]);
    expect(text).toContain('- 4 earlier runs\n');
    expect(text.match(/ann\d@desk/g)).toEqual([
      'ann4@desk',
      'ann5@desk',
      'ann6@desk',
      'ann7@desk',
      'ann8@desk',
    ]);
  });
});

describe('a receipt as HTML', () => {
  it('allows no script, and nothing from anywhere', async () => {
    const html = await rendered('html', [
      await receipt([RUN, ...told(team(1), 'failed'), end('incomplete')]),
    ]);
    expect(html).toMatch(
      /default-src 'none'; style-src 'sha256-[^']+'; script-src 'none'; base-uri 'none'; form-action 'none'/,
    );
    expect(html).not.toMatch(/https?:|url\(|@import|<link|<img|<iframe|<script| on[a-z]+=| style=/);
  });
});
