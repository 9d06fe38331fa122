import type { PlanHeader } from '../../files/plan/schema.js';
import { DEFAULT_MAPPING, type Mapping } from '../../model/mapping.js';
import { DEFAULT_POLICY } from '../../model/policy.js';
import { named, quantity } from '../quantity.js';
import type { Quote } from './rule-words.js';

export interface HeaderLine {
  readonly label: string;
  readonly words: string;
}

/** What a reviewer must know before the first change: databases, time, policy. */
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
    { label: 'PostgreSQL', words: `${tableWords(postgres, quote)}; read at one point in time` },
    { label: 'Looked at', words: lookedAt(header, quote) },
    { label: 'Policy', words: differences(header.policy, DEFAULT_POLICY, quote) },
    { label: 'Mapping', words: differences(ordered(header.mapping), ordered(DEFAULT_MAPPING), quote) },
    { label: 'Digest', words: quote(digest) },
  ];
  if (header.kind === 'revert') {
    const { plan, receipt } = header.reverts;
    lines.splice(1, 0, {
      label: 'Takes back',
      words: `plan ${quote(plan)}, receipt ${[receipt].flat().map(quote).join(', ')}`,
    });
  }
  return lines;
}

export function tableWords(postgres: PlanHeader['targets']['postgres'], quote: Quote): string {
  const { database, table, systemIdentifier } = postgres;
  return `database ${quote(database)}, table ${quote(table)}, cluster ${quote(systemIdentifier)}`;
}

export function planTitle(header: Pick<PlanHeader, 'kind'>): string {
  return header.kind === 'fix' ? 'Plan to repair team roles' : 'Plan to take back what was applied';
}

function lookedAt({ filter, summary }: PlanHeader, quote: Quote): string {
  const { teams, excludeTeams, shard } = filter;
  const scope = [
    ...(teams === null ? [] : [`only ${named(teams, quote)}`]),
    ...(excludeTeams.length === 0 ? [] : [`without ${named(excludeTeams, quote)}`]),
    ...(shard === null ? [] : [`shard ${shard.index} of ${shard.count}, counted from 0`]),
  ];
  return `${quantity(summary.teams.scanned, 'team')}: ${scope.join('; ') || 'every one'}`;
}

/** Choices come before names. */
function ordered({ ids, mongo: { writeIdsAs, ...mongo }, postgres }: Mapping): object {
  return { ids, 'mongo.writeIdsAs': writeIdsAs, mongo, postgres };
}

function differences(settings: object, defaults: object, quote: Quote): string {
  const usual = new Map(valuesIn(defaults));
  const changed = valuesIn(settings)
    .filter(([name, value]) => usual.get(name) !== value)
    .map(([name, value]) => `${name} is ${quote(value)} (default: ${usual.get(name) ?? 'none'})`);
  return changed.join('; ') || 'the default';
}

/** Every setting by its path, with its value as text. */
function valuesIn(settings: object, prefix = ''): [string, string][] {
  return Object.entries(settings).flatMap(([key, value]: [string, unknown]): [string, string][] => {
    if (Array.isArray(value)) return [[prefix + key, listed(value) || 'none']];
    if (typeof value === 'object' && value !== null) return valuesIn(value, `${prefix}${key}.`);
    return [[prefix + key, String(value)]];
  });
}

/** Texts by themselves stand as they are; among other values they are told apart. */
function listed(values: readonly unknown[]): string {
  const allTexts = values.every((value) => typeof value === 'string');
  return values.map((value) => (allTexts ? String(value) : JSON.stringify(value))).join(', ');
}
