import { parseArgs } from 'node:util';
import { checkerMutants } from './checker-mutants.js';
import { crashPoints } from './crash-points.js';
import { startEngines, type Engine } from './engine.js';
import type { CaseResult, Violation } from './evidence.js';
import { failovers } from './failovers.js';
import { networkFaults } from './network-faults.js';
import { ProcessPool } from './process-pool.js';
import { races } from './races.js';
import { serverErrors } from './server-errors.js';

/**
 * The fault suite: `npm run test:faults [-- [ENGINE [SECTION]] [--every-code]]`, where ENGINE begins the name of one
 * engine and SECTION that of one section; with `--every-code` commands fail with every code that a server knows for
 * them, and not with one of each kind. Ends with 1 if any promise was broken.
 */
const {
  values: { 'every-code': everyCode },
  positionals: [engineName = '', sectionName = ''],
} = parseArgs({ options: { 'every-code': { type: 'boolean', default: false } }, allowPositionals: true });

const codes = everyCode ? 'every-code' : 'one-of-each-kind';

interface Section {
  readonly name: string;
  readonly run: (engine: Engine, pool: ProcessPool) => Promise<CaseResult[]>;
  readonly on: 'all' | 'transactions' | 'ours';
}

/** One round after the other; the sections of one go on side by side, for they mostly wait. */
const ROUNDS: readonly (readonly Section[])[] = [
  [{ name: 'checker mutants caught', run: checkerMutants, on: 'transactions' }],
  [{ name: 'crash points survived', run: crashPoints, on: 'all' }],
  [{ name: 'races correct', run: races, on: 'transactions' }],
  [
    { name: 'network faults survived', run: networkFaults, on: 'transactions' },
    { name: 'failovers survived', run: failovers, on: 'ours' },
  ],
  [{ name: 'server errors survived', run: (...on) => serverErrors(...on, codes), on: 'ours' }],
];

const LESS_IS_PROMISED = `  Without transactions less is promised: every row is wholly before or after its change, Postgres is never ahead of
  a whole team in MongoDB, and what a killed run leaves half done in MongoDB is named and finished by the next one.
`;
const say = (text: string): boolean => process.stdout.write(text);
const total = { passed: 0, failed: 0 };
const times: string[] = [];

const pool = await ProcessPool.start();
const started = await startEngines(engineName, (text) => process.stderr.write(`${text}\n`));
try {
  for (const engine of started.engines) {
    say(`\n${engine.name}\n${engine.transactions === 'missing' ? LESS_IS_PROMISED : ''}`);
    for (const round of ROUNDS) {
      const wanted = round.filter(({ name, on }) => name.startsWith(sectionName) && isFor(on, engine));
      await Promise.all(wanted.map((section) => runSection(section, engine)));
    }
  }
} finally {
  await pool.close();
  await started.stop();
}
say(`\n${times.join('')}\n${total.passed} passed, ${total.failed} failed\n`);
// Nothing at all proves nothing.
process.exitCode = total.passed > 0 && total.failed === 0 ? 0 : 1;

function isFor(on: Section['on'], { transactions, ours }: Engine): boolean {
  return on === 'all' || (transactions === 'available' && (on === 'transactions' || ours));
}

/** Every case that failed is named, with all that is wrong with it. */
async function runSection({ name, run }: Section, engine: Engine): Promise<void> {
  const begun = Date.now();
  const results = await run(engine, pool);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1).padStart(6);
  const failed = results.filter(({ violations }) => violations.length > 0);
  for (const { name: failedCase, violations } of failed) {
    say(`  FAILED ${failedCase}\n${violations.map(({ kind, text }) => `    ${kind}: ${text}\n`).join('')}`);
  }
  const found = failed.flatMap(({ violations }) => violations);
  const count = (kind: Violation['kind']): number => found.filter((one) => one.kind === kind).length;
  const passed = results.length - failed.length;
  say(
    `  ${name}: ${passed} of ${results.length}; ` +
      `rows lost: ${count('lost')}, doubled: ${count('doubled')}, outside the plan: ${count('outside')}\n`,
  );
  times.push(`${seconds} s ${String(results.length).padStart(6)} cases  ${engine.name}: ${name}\n`);
  total.passed += passed;
  total.failed += failed.length;
}
