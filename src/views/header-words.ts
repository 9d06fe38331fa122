import type { Filter, PlanHeader } from '../files/plan/schema.js';
import { DEFAULT_MAPPING, type Mapping } from '../model/mapping.js';
import { DEFAULT_POLICY, type Policy } from '../model/policy.js';
import { listed, quantity } from './quantity.js';
import type { Quote } from './rule-words.js';

/** One line about a whole plan, such as where it applies. */
export interface HeaderLine {
  readonly label: string;
  readonly words: string;
}

const NAMED_TEAMS = 5;

/** What a reviewer must know of a plan before its first change: for which databases, when, under which policy. */
export function headerWords(header: PlanHeader, digest: string, quote: Quote): readonly HeaderLine[] {
  const { mongo, postgres } = header.targets;
  const snapshot =
    header.consistency.mongo === 'snapshot'
      ? 'read at one point in time'
      : 'NOT read at one point in time: it has no snapshots';
  const replicaSet = mongo.replicaSet === null ? 'standalone' : `replica set ${quote(mongo.replicaSet)}`;
  const lines = [
    { label: 'As of', words: `${header.asOf}, by ${quote(header.tool)}` },
    { label: 'MongoDB', words: `database ${quote(mongo.database)}, ${replicaSet}; ${snapshot}` },
    {
      label: 'PostgreSQL',
      words: `database ${quote(postgres.database)}, table ${quote(postgres.table)}, cluster ${quote(postgres.systemIdentifier)}; read at one point in time`,
    },
    { label: 'Looked at', words: lookedAt(header, quote) },
    { label: 'Policy', words: differences(policyValues(header.policy), policyValues(DEFAULT_POLICY), quote) },
    {
      label: 'Mapping',
      words: differences(mappingValues(header.mapping), mappingValues(DEFAULT_MAPPING), quote),
    },
    { label: 'Digest', words: quote(digest) },
  ];
  if (header.kind === 'revert') {
    const { plan, receipt } = header.reverts;
    lines.splice(1, 0, { label: 'Takes back', words: `plan ${quote(plan)}, receipt ${quote(receipt)}` });
  }
  return lines;
}

/** What a plan is, in one line. */
export function planTitle(header: Pick<PlanHeader, 'kind'>): string {
  switch (header.kind) {
    case 'fix':
      return 'Plan to repair team roles';
    case 'revert':
      return 'Plan to take back what was applied';
  }
}

function lookedAt({ filter, summary }: PlanHeader, quote: Quote): string {
  const scope = scopeWords(filter, quote);
  return `${quantity(summary.teams.scanned, 'team')}: ${scope.length === 0 ? 'every one' : scope.join('; ')}`;
}

function scopeWords(filter: Filter, quote: Quote): string[] {
  const words = [];
  if (filter.teams !== null) words.push(`only ${named(filter.teams, quote)}`);
  if (filter.excludeTeams.length > 0) words.push(`without ${named(filter.excludeTeams, quote)}`);
  if (filter.shard !== null) {
    words.push(`shard ${String(filter.shard.index)} of ${String(filter.shard.count)}, counted from 0`);
  }
  return words;
}

function named(ids: readonly string[], quote: Quote): string {
  const first = ids.slice(0, NAMED_TEAMS).map(quote);
  const more = ids.length - first.length;
  return listed(more > 0 ? [...first, quantity(more, 'other')] : first);
}

/** Setting → value, in plain form. */
type Settings = ReadonlyMap<string, string>;

function policyValues(policy: Policy): Settings {
  const { wanted, ...choices } = policy;
  return new Map([
    ['wanted.owner', wanted.owner.join(', ') || 'none'],
    ['wanted.member', wanted.member.join(', ') || 'none'],
    ...Object.entries(choices),
  ]);
}

function mappingValues({ ids, mongo, postgres }: Mapping): Settings {
  return new Map([
    ['ids', ids],
    ['mongo.writeIdsAs', mongo.writeIdsAs],
    ...prefixed('mongo.collections', mongo.collections),
    ...prefixed('mongo.teams', mongo.teams),
    ...prefixed('mongo.memberships', mongo.memberships),
    ...prefixed('mongo.roles', mongo.roles),
    ['postgres.schema', postgres.schema],
    ['postgres.table', postgres.table],
    ...prefixed('postgres.columns', postgres.columns),
  ]);
}

function prefixed(prefix: string, names: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(names).map(([key, name]) => [`${prefix}.${key}`, name]);
}

function differences(settings: Settings, defaults: Settings, quote: Quote): string {
  const changed = [...settings]
    .filter(([name, value]) => defaults.get(name) !== value)
    .map(([name, value]) => `${name} is ${quote(value)} (default: ${defaults.get(name) ?? 'none'})`);
  return changed.length === 0 ? 'the default' : changed.join('; ');
}
