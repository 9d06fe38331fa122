import { insertSampleData } from '../../src/sandbox/sample-data.js';
import type { TestDatabases } from '../servers.js';

const LONG_AGO = '2026-01-02T03:04:05.000Z';

/** What somebody else does meanwhile, by its word in `before`. */
export const MEANWHILE: Readonly<Record<string, (databases: TestDatabases) => Promise<unknown>>> = {
  DRIFT: ({ mongo }) =>
    mongo.collection('user_roles').updateMany({ role_name: 'admin' }, { $set: { is_active: false } }),
  UNDO: async ({ mongo, pg }) => {
    for (const { collectionName } of await mongo.collections())
      await mongo.collection(collectionName).deleteMany({});
    await pg.query('TRUNCATE public.postgres_user_roles RESTART IDENTITY');
    await insertSampleData(mongo, pg);
  },
  STRIP: ({ mongo }) => mongo.collection('teams').deleteMany({}),
};

/** One row of the table: what was done before, the command, how it ends, and what may be wrong with what it recommends. */
interface Row {
  readonly situation: string;
  /** Lines for the shell, and words of `MEANWHILE` between them. */
  readonly before?: string;
  readonly command: string;
  readonly code: number;
  /** What the recommended commands must hold. */
  readonly next: RegExp;
  /** `standalone`: a MongoDB without transactions. */
  readonly mongo?: 'standalone';
}

const PLAN = 'fix-roles plan -q -o plan.json';
const OLD = `fix-roles plan -q --as-of ${LONG_AGO} -o plan.json`;
const APPLIED = `${PLAN}; fix-roles apply plan.json --yes -q > out`;
const UNDONE = `${APPLIED}; UNDO`;

export const ROWS: readonly Row[] = [
  {
    situation: 'a new plan',
    command: 'fix-roles plan -o plan.json',
    code: 0,
    next: /show plan\.json, then fix-roles apply plan\.json$/,
  },
  {
    situation: 'a name with blanks',
    command: "fix-roles plan -o 'my plan.json'",
    code: 0,
    next: /apply 'my plan\.json'$/,
  },
  {
    situation: 'an old plan, shown',
    before: OLD,
    command: 'fix-roles show plan.json',
    code: 0,
    next: /--max-age \d+d$/,
  },
  {
    situation: 'an old plan, verified',
    before: OLD,
    command: 'fix-roles verify plan.json',
    code: 0,
    next: /--max-age \d+d$/,
  },
  {
    situation: 'a part of the teams',
    command: 'fix-roles plan --shard 0/2 -o plan.json',
    code: 0,
    next: /apply plan\.json/,
  },
  {
    situation: 'a plan, shown',
    before: PLAN,
    command: 'fix-roles show plan.json',
    code: 0,
    next: /apply plan\.json$/,
  },
  {
    situation: 'a few teams applied',
    before: PLAN,
    command: 'fix-roles apply plan.json --yes --limit 3',
    code: 5,
    next: /apply plan\.json --yes once more/,
  },
  {
    situation: 'a shard, a few teams',
    before: PLAN,
    command: 'fix-roles apply plan.json --yes --shard 1/2 --limit 1',
    code: 5,
    next: /--shard 1\/2 once more/,
  },
  {
    situation: 'applied, shown again',
    before: APPLIED,
    command: 'fix-roles show plan.json',
    code: 0,
    next: /verify plan\.json$/,
  },
  {
    situation: 'a damaged receipt',
    before: `${APPLIED}; sed -i '1s/^/no receipt/' plan.json.receipt.jsonl`,
    command: 'fix-roles show plan.json',
    code: 0,
    next: /^fix-roles verify plan\.json$/,
  },
  {
    situation: 'another plan of that name',
    before: `${APPLIED}; fix-roles revert plan.json.receipt.jsonl -q -o revert.json; fix-roles apply revert.json --of plan.json.receipt.jsonl --yes -q > out; fix-roles plan -q --force -o plan.json`,
    command: 'fix-roles show plan.json',
    code: 0,
    next: /--receipt plan-2\.json\.receipt\.jsonl$/,
  },
  {
    situation: 'a new revert plan',
    before: APPLIED,
    command: 'fix-roles revert plan.json.receipt.jsonl -o revert.json',
    code: 0,
    next: /apply revert\.json --of plan\.json\.receipt\.jsonl/,
  },
  {
    situation: 'a revert plan, shown',
    before: `${APPLIED}; fix-roles revert plan.json.receipt.jsonl -q -o revert.json`,
    command: 'fix-roles show revert.json',
    code: 0,
    next: /--of plan\.json\.receipt\.jsonl/,
  },
  {
    situation: 'a revert plan, verified',
    before: `${APPLIED}; fix-roles revert plan.json.receipt.jsonl -q -o revert.json`,
    command: 'fix-roles verify revert.json',
    code: 0,
    next: /--of plan\.json\.receipt\.jsonl/,
  },
  {
    situation: 'shards, taken back',
    before: `${PLAN}; for i in 0 1; do fix-roles apply plan.json --yes -q --shard $i/2 > out; done; fix-roles revert plan.json.receipt.*-of-2.jsonl -q -o revert.json`,
    command: 'fix-roles verify revert.json',
    code: 0,
    next: /--of plan\.json\.receipt\.\d-of-2\.jsonl --of plan/,
  },
  {
    situation: 'approvals demanded',
    before: 'echo \'{"approvals":{"allowedSigners":"allowed_signers","require":1}}\' > fix-roles.config.json',
    command: 'fix-roles plan -o plan.json',
    code: 0,
    next: /show plan\.json, then fix-roles approve plan\.json, then fix-roles apply plan\.json$/,
  },
  {
    situation: 'drift, names taken',
    before: `${PLAN}; touch new-plan.json; DRIFT`,
    command: 'fix-roles apply plan.json --yes --on-drift abort',
    code: 3,
    next: /plan -o new-plan-2\.json .*apply plan\.json --yes --on-drift skip/,
  },
  {
    situation: 'doctor, names taken',
    before: PLAN,
    command: 'fix-roles doctor',
    code: 0,
    next: /plan -o plan-2\.json$/,
  },
  {
    situation: 'nothing to change',
    before: APPLIED,
    command: 'fix-roles plan -o after.json',
    code: 0,
    next: /show after\.json/,
  },
  {
    situation: 'a plan, packed',
    before: `${PLAN}; gzip plan.json`,
    command: 'fix-roles verify plan.json.gz',
    code: 0,
    next: /apply plan\.json\.gz$/,
  },
  {
    situation: 'a packed one, applied',
    before: `${APPLIED}; gzip plan.json`,
    command: 'fix-roles show plan.json.gz',
    code: 0,
    next: /verify plan\.json\.gz$/,
  },
  {
    situation: 'much is taken away',
    before: `STRIP; ${PLAN}`,
    command: 'fix-roles show plan.json',
    code: 0,
    next: /--allow-empty-source --max-removals \d+$/,
  },
  {
    situation: 'removals above a limit',
    before: PLAN,
    command: 'fix-roles apply plan.json --yes --max-removals 1',
    code: 4,
    next: /show plan\.json --destructive; .*--max-removals \d+\.$/,
  },
  {
    situation: 'grants above a limit',
    before: PLAN,
    command: 'fix-roles apply plan.json --yes --max-grants 0',
    code: 4,
    next: /show plan\.json --op insert --op reactivate; .*--max-grants \d+\.$/,
  },
  {
    situation: 'undone by hand, verified',
    before: UNDONE,
    command: 'fix-roles verify plan.json',
    code: 0,
    next: /apply plan\.json --again$/,
  },
  {
    situation: 'undone by hand, applied',
    before: UNDONE,
    command: 'fix-roles apply plan.json --yes',
    code: 4,
    next: /with --again\.$/,
  },
  {
    situation: 'undone by hand, few teams',
    before: UNDONE,
    command: 'fix-roles apply plan.json --yes --again --limit 3',
    code: 5,
    next: /apply plan\.json --yes --again once more/,
  },
  {
    situation: 'a few of those, shown',
    before: `${UNDONE}; fix-roles apply plan.json --yes -q --again --limit 3 > out`,
    command: 'fix-roles show plan.json.receipt.jsonl',
    code: 0,
    next: /apply plan\.json --again once more/,
  },
  {
    situation: 'undone, planned the same',
    before: `${OLD}; fix-roles apply plan.json --yes -q --max-age 9999d --allow-no-transactions > out; UNDO`,
    command: `fix-roles plan --as-of ${LONG_AGO} --force -o plan.json`,
    code: 0,
    next: /apply plan\.json --again --allow-no-transactions$/,
    mongo: 'standalone',
  },
  {
    situation: 'no transactions, planned',
    command: 'fix-roles plan -o plan.json',
    code: 0,
    next: /apply plan\.json --allow-no-transactions$/,
    mongo: 'standalone',
  },
  {
    situation: 'no transactions, applied',
    before: PLAN,
    command: 'fix-roles apply plan.json --yes',
    code: 4,
    next: /with --allow-no-transactions\.$/,
    mongo: 'standalone',
  },
  {
    situation: 'a receipt, names taken',
    before: `${APPLIED}; touch revert.json`,
    command: 'fix-roles show plan.json.receipt.jsonl',
    code: 0,
    next: /^fix-roles revert plan\.json\.receipt\.jsonl -o revert-2\.json$/,
  },
  {
    situation: 'a plan for a receipt',
    before: APPLIED,
    command: 'fix-roles revert plan.json -o revert.json',
    code: 4,
    next: /wrote: plan\.json\.receipt\.jsonl, unless/,
  },
];
