import { bundleApplyProcess } from './bundle.js';
import { startEngines } from './engine.js';
import { ProcessPool } from './process-pool.js';
import { crashPoints } from './crash-points.js';

const engines = await startEngines(process.argv[2] ?? '');
const bundle = await bundleApplyProcess();
const pool = new ProcessPool(bundle.path, 2);
for (const engine of engines.engines) {
  const t = Date.now();
  const results = await crashPoints(engine, pool);
  const bad = results.filter((one) => one.violations.length > 0);
  for (const one of bad.slice(0, 10))
    process.stdout.write(`${one.name}: ${JSON.stringify(one.violations, null, 1)}\n`);
  process.stdout.write(
    `${engine.name}: ${results.length - bad.length} of ${results.length} ${Date.now() - t} ms\n`,
  );
}
await pool.close();
await bundle.remove();
await engines.stop();
process.exit();
