import { bundleApplyProcess } from './bundle.js';
import type { CaseResult } from './case-result.js';
import { checkers } from './checkers.js';
import { crashPoints } from './crash-points.js';
import { startEngines, type Engine } from './engine.js';
import { networkFaults } from './network-faults.js';
import { ProcessPool } from './process-pool.js';
import { races } from './races.js';
import { Tally } from './tally.js';

/**
 * The fault suite: `npm run test:faults [-- ENGINE [SECTION]]`, where ENGINE begins the name of one engine and SECTION that
 * of one section. Ends with 1 if any promise was broken.
 */
type Run = (engine: Engine, pool: ProcessPool) => Promise<CaseResult[]>;

const SECTIONS: readonly { readonly name: string; readonly run: Run; readonly on: 'all' | 'transactions' }[] =
  [
    { name: 'checker mutants caught', run: checkers, on: 'transactions' },
    { name: 'crash points survived', run: crashPoints, on: 'all' },
    { name: 'races correct', run: races, on: 'transactions' },
    { name: 'network faults survived', run: networkFaults, on: 'transactions' },
  ];

const [engineName = '', sectionName = ''] = process.argv.slice(2);
const tally = new Tally((text) => process.stdout.write(text));
const bundle = await bundleApplyProcess();
const started = await startEngines(engineName);
const pool = new ProcessPool(bundle.path, 3);
try {
  for (const engine of started.engines) {
    tally.beginEngine(engine);
    for (const { name, run, on } of SECTIONS) {
      if (!name.startsWith(sectionName) || (on === 'transactions' && engine.transactions === 'missing'))
        continue;
      tally.add(name, await run(engine, pool));
    }
    tally.endEngine();
  }
} finally {
  await pool.close();
  await started.stop();
  await bundle.remove();
}
tally.end();
// Nothing at all proves nothing.
process.exitCode = tally.passed > 0 && tally.failed === 0 ? 0 : 1;
