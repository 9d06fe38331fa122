/**
 * Verifies a plan, every byte of it, and does nothing with it.
 *
 * node verify-plan.mjs FILE
 */
import { readPlan } from '../../../src/files/plan/reader.js';

const [path = ''] = process.argv.slice(2);
const plan = await readPlan({ kind: 'file', path, trust: 'strict' }, { now: Date.now() });
await plan.close();
