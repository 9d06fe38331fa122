// A program of somebody who uses fix-roles as a library. library.test.ts checks its types and runs it, against the
// packed package.
import {
  apply,
  Failure,
  loadConfiguration,
  plan,
  readPlan,
  readReceipt,
  revert,
  verify,
  type ApplyReport,
  type Planned,
  type TeamOutcome,
  type Verdict,
} from 'fix-roles';

const configuration = await loadConfiguration();

const planned: Planned = await plan({ configuration, file: 'plan.json' });
const reviewed = await readPlan('plan.json');
const teams: string[] = [];
for await (const { team, decisions } of reviewed.teams()) if (decisions.length > 0) teams.push(team.id);

const verdicts: Verdict['kind'][] = [];
for await (const { verdict } of verify({ configuration, plan: reviewed })) verdicts.push(verdict.kind);

async function applied(confirm: 'confirmed' | 'declined'): Promise<ApplyReport> {
  const outcomes: TeamOutcome['kind'][] = [];
  return apply({
    configuration,
    plan: reviewed,
    receipt: 'receipt.jsonl',
    who: 'ann@desk',
    maxRemovals: { kind: 'rows', rows: 1000 },
    confirm: ({ teams }) => Promise.resolve(teams.toApply > 0 ? confirm : 'declined'),
    observer: { onOutcome: (_team, { kind }) => outcomes.push(kind) },
  });
}

const refusal: unknown = await applied('declined').catch((error: unknown) => error);
const report = await applied('confirmed');
await reviewed.close();

const after = await plan({ configuration, file: 'after.json', filter: { teams: teams.slice(0, 1) } });
const receipt = await readReceipt('receipt.jsonl');
const inverse = await revert({ configuration, receipt, file: 'revert.json' });
await receipt.close();

// Something that is not there must be an error of types.
// @ts-expect-error a plan cannot be made without configuration
const misuse: Parameters<typeof plan>[0] = { file: 'plan.json' };

process.stdout.write(
  JSON.stringify({
    digest: planned.digest,
    changed: planned.summary.teams.changed,
    teams: teams.length,
    verdicts,
    refusal: refusal instanceof Failure ? refusal.kind : String(refusal),
    result: report.result,
    applied: report.counts.applied,
    left: after.summary.teams.changed,
    inverse: inverse.summary.teams.changed,
    misuse: Object.keys(misuse),
  }),
);
