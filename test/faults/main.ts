import { bundleApplyProcess } from './bundle.js';
import { crashPoints } from './crash-points.js';
import { startEngines } from './engine.js';
import { networkFaults } from './network-faults.js';
import { ProcessPool } from './process-pool.js';
import { races } from './races.js';

const engines = await startEngines(process.argv[2] ?? '');
const bundle = await bundleApplyProcess();
const pool = new ProcessPool(bundle.path, 2);
for (const engine of engines.engines) {
  for (const section of [crashPoints, races, networkFaults]) {
    if (process.argv[3] && section.name !== process.argv[3]) continue;
    const t = Date.now();
    const results = await section(engine, pool);
    const bad = results.filter((one) => one.violations.length > 0);
    for (const one of bad) process.stdout.write(`${one.name}: ${JSON.stringify(one.violations, null, 1)}\n`);
    process.stdout.write(
      `${engine.name} ${section.name}: ${results.length - bad.length} of ${results.length} ${Date.now() - t} ms\n`,
    );
  }
}
await pool.close();
await bundle.remove();
await engines.stop();
process.exit();
