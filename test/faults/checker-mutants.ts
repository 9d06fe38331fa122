import type { ApplyResult, TeamOutcome } from '../../src/model/outcome.js';
import type { Engine } from './engine.js';
import {
  mongoKey,
  postgresKey,
  wrong,
  type CaseResult,
  type Evidence,
  type Image,
  type Violation,
} from './evidence.js';
import { resumeViolations, violationsOf } from './invariants.js';
import { ObservedRuns } from './observed-runs.js';
import type { Report } from './order.js';
import type { ProcessPool } from './process-pool.js';
import { scenarioOf } from './scenario.js';
import { TestBed } from './test-bed.js';

/** Evidence in which something is wrong, and what it should be found guilty of. */
interface Mutant {
  readonly name: string;
  readonly evidence: Evidence;
  readonly kind: Violation['kind'];
  /** In which words, where another check finds it guilty as well. */
  readonly says?: string;
}

/** Proves that the checkers of this suite can fail, with the evidence of a real run. */
export async function checkerMutants(engine: Engine, pool: ProcessPool): Promise<CaseResult[]> {
  const scenario = scenarioOf(1);
  const bed = await TestBed.create(engine, pool, scenario, { all: scenario.broken });
  try {
    const honest = await (await ObservedRuns.begin(bed, 'all')).apply();
    return [...caughtMutants(honest), await heldLock(bed)];
  } finally {
    await bed.stop();
  }
}

/** Somebody holds the lock of `apply`, in an open transaction. */
async function heldLock(bed: TestBed): Promise<CaseResult> {
  const left = await bed.databases.connectApplication();
  try {
    await left.query("SET application_name = 'fix-roles apply'; BEGIN; SELECT pg_advisory_lock(1, 2)");
    const found = (await bed.residue(0)).map(({ text }) => text).join('; ');
    const caught = found.includes('idle in transaction') && found.includes('lock');
    const violations: Violation[] = caught
      ? []
      : [{ kind: 'residue', text: `only this was found: ${found}` }];
    return { name: 'mutant: the lock and an open transaction remain', violations };
  } finally {
    await left.end();
  }
}

/** True evidence of an undisturbed run that applied everything is altered in every way that matters: each must be caught. */
function caughtMutants(honest: Evidence): CaseResult[] {
  const { ending } = honest;
  if (ending.kind !== 'report') throw new Error('the checkers need the evidence of a whole run');
  const innocent = [...violationsOf(honest), ...resumeViolations(honest)];
  if (innocent.length > 0) throw new Error(`honest evidence was found guilty: ${JSON.stringify(innocent)}`);
  const mutants = [
    ...skippedWrites(honest),
    ...doubledWrites(honest),
    ...alteredBystanders(honest),
    ...lies(honest, ending),
    ...halfWritten(honest),
    untoldHalf(honest),
  ];
  return mutants.map(({ name, evidence, kind, says = '' }) => {
    const found = [...violationsOf(evidence), ...resumeViolations(evidence)];
    const caught = found.some((violation) => violation.kind === kind && violation.text.includes(says));
    const missed = wrong(`it was not caught as ${kind}: ${JSON.stringify(found)}`);
    return { name: `mutant: ${name}`, violations: caught ? [] : [missed] };
  });
}

/** One planned row is as it was before. */
function skippedWrites(honest: Evidence): Mutant[] {
  return honest.effects.map((effect) => ({
    name: `${effect.op} of ${effect.key} is skipped`,
    evidence: withRow(honest, effect.key, honest.start.rows.get(effect.key)),
    kind: 'report',
  }));
}

/** An insert was made once more under another id; or a change was committed twice, which its row does not show. */
function doubledWrites(honest: Evidence): Mutant[] {
  const inserts = honest.effects.filter(({ op }) => op === 'insert');
  const twins = inserts.map(({ key, store }): Mutant => {
    const row = honest.end.rows.get(key) ?? {};
    const twin: Image =
      store === 'mongo'
        ? { ...row, _id: { $oid: 'ffffffffffffffffffffffff' } }
        : { ...row, id: '999999', mongo_id: null };
    const twinKey = store === 'mongo' ? mongoKey('user_roles', twin['_id']) : postgresKey(twin);
    return { name: `a second ${key}`, evidence: withRow(honest, twinKey, twin), kind: 'doubled' };
  });
  const committed = (change: string, times: number): Evidence => {
    const effects = new Map(honest.end.effects).set(change, times);
    return { ...honest, end: { ...honest.end, effects } };
  };
  const twice = [...honest.end.effects.keys()].map((change): Mutant => ({
    name: `${change} is committed twice`,
    evidence: committed(change, 2),
    kind: 'doubled',
  }));
  const stray = committed('update 999999', 1);
  return [...twins, ...twice, { name: 'a change of no plan is committed', evidence: stray, kind: 'outside' }];
}

/** One row outside the plan has another value, another type, is gone, or is new. */
function alteredBystanders(honest: Evidence): Mutant[] {
  const planned = new Set(honest.effects.map(({ key }) => key));
  const bystanders = [...honest.baseline.rows].filter(([key]) => !planned.has(key));
  const altered = bystanders.flatMap(([key, row]): Mutant[] => [
    { name: `${key} is gone`, evidence: withRow(honest, key, undefined), kind: 'lost' },
    ...Object.keys(row).map((field): Mutant => ({
      name: `${field} of ${key} is altered`,
      evidence: withRow(honest, key, { ...row, [field]: alteredValue(row[field]) }),
      kind: 'outside',
    })),
  ]);
  const stranger: Image = { _id: { $oid: 'eeeeeeeeeeeeeeeeeeeeeeee' }, user_id: 'somebody', is_active: true };
  const added = withRow(honest, mongoKey('user_roles', stranger['_id']), stranger);
  return [...altered, { name: 'a row of somebody else is new', evidence: added, kind: 'outside' }];
}

/** Where it is a number, another type of number with the same value. */
function alteredValue(value: Image[string] | undefined): Image[string] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && '$numberLong' in value) {
    return { $numberDouble: value['$numberLong'] ?? null };
  }
  return typeof value === 'string' ? `${value} ` : value === null ? '' : null;
}

/** The databases are right, and the run says something else; or the other way round. */
function lies(honest: Evidence, report: Report): Mutant[] {
  const [team = ''] = honest.teams;
  const outcomes: readonly TeamOutcome[] = [
    { kind: 'finished' },
    { kind: 'already-done' },
    { kind: 'changed-since', drifts: [] },
    { kind: 'overtaken', drifts: [] },
    { kind: 'drifted', seen: 'in-transaction', halfApplied: false, drifts: [] },
    { kind: 'failed', problem: '' },
    { kind: 'half-done', problem: '' },
    { kind: 'not-begun', reason: 'limit' },
  ];
  const results: readonly ApplyResult[] = ['drift', 'partly-applied', 'interrupted'];
  const lie = (name: string, ending: Evidence['ending'], end = honest.end): Mutant => ({
    name,
    evidence: { ...honest, end, ending },
    kind: ending.kind === 'hung' ? 'hung' : 'report',
  });
  const said = (name: string, change: Partial<Report>): Mutant => lie(name, { ...report, ...change });
  const failed = (failure: 'operational' | 'bug') =>
    ({ kind: 'failure', failure, message: 'no', points: [] }) as const;
  const rest = report.outcomes.filter(([id]) => id !== team);
  const unknown: Report = {
    ...report,
    outcomes: [[team, { kind: 'unknown', problem: '' }], ...rest],
    result: 'partly-applied',
  };
  return [
    ...outcomes.map((outcome) =>
      said(`an applied team is called ${outcome.kind}`, { outcomes: [[team, outcome], ...rest] }),
    ),
    ...results.map((result) => said(`a complete run is called ${result}`, { result })),
    ...honest.effects
      .filter((effect) => effect.team === team)
      .map(({ key, before, after }): Mutant => ({
        name: `a team is called unknown, and ${key} is what no commit makes of it`,
        evidence: {
          ...withRow(honest, key, { ...(after ?? before), created_by: 'nobody' }),
          ending: unknown,
        },
        kind: 'report',
        says: 'is reported as unknown, but',
      })),
    said('a team is left out', { outcomes: rest }),
    said('a team is invented', { outcomes: [...report.outcomes, ['invented', { kind: 'applied' }]] }),
    lie('nothing was written, and all is called applied', report, honest.start),
    lie('it said that it failed, and wrote', failed('operational')),
    lie('it threw something unforeseen', failed('bug'), honest.start),
    lie('it never ended', { kind: 'hung' }),
  ];
}

/** A run was killed, and what it left is not to be left even then. */
function halfWritten(honest: Evidence): Mutant[] {
  const killed: Evidence = { ...honest, ending: { kind: 'killed', point: null } };
  return (['mongo', 'postgres'] as const).flatMap((store): Mutant[] => {
    const ofStore = honest.effects.filter((effect) => effect.store === store);
    const partly = ofStore.map(({ key }): Mutant => ({
      name: `only ${key} was not written before the death`,
      evidence: withRow(killed, key, honest.start.rows.get(key)),
      kind: 'half-written',
    }));
    if (store === 'postgres') return partly;
    const without = ofStore.reduce((one, { key }) => withRow(one, key, honest.start.rows.get(key)), killed);
    return [...partly, { name: 'Postgres is ahead of MongoDB', evidence: without, kind: 'half-written' }];
  });
}

/** The team was half done when the run began, and the run says nothing of it. */
function untoldHalf(honest: Evidence): Mutant {
  const mongo = honest.effects.filter(({ store }) => store === 'mongo');
  const rows = new Map(honest.start.rows);
  for (const { key } of mongo) replace(rows, key, honest.end.rows.get(key));
  const start = { ...honest.start, rows };
  return { name: 'a half-done team goes unnamed', evidence: { ...honest, start }, kind: 'report' };
}

function withRow(evidence: Evidence, key: string, row: Image | undefined): Evidence {
  const rows = new Map(evidence.end.rows);
  replace(rows, key, row);
  return { ...evidence, end: { ...evidence.end, rows } };
}

function replace(rows: Map<string, Image>, key: string, row: Image | undefined): void {
  if (row === undefined) rows.delete(key);
  else rows.set(key, row);
}
