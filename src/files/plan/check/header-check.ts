import { byCodeUnit, isId } from '../../../model/id.js';
import { demandCanonical, parse } from '../canonical.js';
import { illegibleExemption } from '../../../model/policy.js';
import { isEveryTeam } from '../../../model/team-filter.js';
import { Defect } from '../../defect.js';
import { headerLines } from '../layout.js';
import { PLAN_FORMAT, PLAN_FORMATS, type PlanFormat, type PlanHeader, type Summary } from '../schema.js';
import type { SummaryTally } from '../summary-tally.js';
import { z } from 'zod';

/** In milliseconds: how far the clocks of two machines may differ (docs/design.md, "The plan file"). */
export const CLOCK_DIFFERENCE_MAX = 5 * 60 * 1000;

/** The reason of a defect for which this machine's clock may be to blame. */
export const IN_THE_FUTURE = 'lies in the future';

const formatSchema = z.looseObject({ format: z.unknown(), formatVersion: z.unknown() });

/**
 * Reads the header and checks it as far as that needs nothing else.
 *
 * @param now milliseconds since 1970
 * @returns the present shape, whatever version was written
 * @throws Defect
 */
export function readHeader(
  lines: readonly string[],
  now: number,
  formats: Readonly<Record<string, PlanFormat>> = PLAN_FORMATS,
): PlanHeader {
  const json = lines.join('').replace(/,$/, '}');
  const { format, formatVersion } = parse(json, formatSchema);
  if (format !== PLAN_FORMAT) throw new Defect('format', `is not "${PLAN_FORMAT}"`);
  const known = Object.entries(formats).find(([version]) => Number(version) === formatVersion);
  if (known === undefined) {
    const versions = Object.keys(formats).join(' or ');
    throw new Defect('formatVersion', `is not ${versions}, which is all that this version can read`);
  }
  const [, { written, read }] = known;
  // The bytes must be those of the version's own layout; their meaning has one shape.
  demandCanonicalLines(lines, headerLines(parse(json, written)));
  const header = parse(json, read);
  checkTime(header, now);
  checkFilter(header);
  checkTargets(header);
  if (header.kind === 'revert') demandAscending('reverts.receipt', [header.reverts.receipt].flat());
  const illegible = illegibleExemption(header.policy, header.mapping.ids);
  if (illegible !== undefined) throw new Defect(`policy.${illegible}`, 'is not a well-formed id');
  return header;
}

/** The fields of a header in their order. */
const FIELDS: readonly string[] = [
  ...['format', 'formatVersion', 'kind', 'reverts', 'asOf', 'tool'],
  ...['targets', 'consistency', 'filter', 'policy', 'mapping', 'summary'],
];

/**
 * Where in a header a defect stands, in words: the line of its field, or the line after which a missing field belongs.
 */
export function placeInHeader(lines: readonly string[], { field, line }: Defect): string {
  const fields = lines.map(fieldsIn);
  const lineOf = (fits: (field: string) => boolean): number => fields.findIndex((some) => some.some(fits));
  const [key = ''] = field.split('.', 1);
  const at = line ?? lineOf(key === '' ? (found) => !FIELDS.includes(found) : (found) => found === key);
  if (at >= 0) return `line ${at + 1}`;
  const before = FIELDS.slice(0, Math.max(0, FIELDS.indexOf(key)));
  const last = fields.findLastIndex((some) => some.some((found) => before.includes(found)));
  return key === '' ? `the header (lines 1 to ${lines.length})` : `after line ${Math.max(last, 0) + 1}`;
}

/** The fields on a line of a header; none where the line is no JSON. */
function fieldsIn(line: string): string[] {
  try {
    return Object.keys(z.record(z.string(), z.unknown()).parse(JSON.parse(`{${line.replace(/,$/, '')}}`)));
  } catch {
    return [];
  }
}

function demandCanonicalLines(found: readonly string[], canonical: readonly string[]): void {
  for (const [index, line] of canonical.entries()) {
    try {
      demandCanonical(found[index] ?? '', line);
    } catch (error) {
      throw error instanceof Defect ? new Defect(error.field, error.reason, index) : error;
    }
  }
  if (found.length > canonical.length) {
    throw new Defect('', 'is not written in the one way that a plan is written', canonical.length);
  }
}

function checkTime({ asOf }: PlanHeader, now: number): void {
  const at = Date.parse(asOf);
  if (at < 0) throw new Defect('asOf', 'lies before 1970');
  if (at > now + CLOCK_DIFFERENCE_MAX) throw new Defect('asOf', IN_THE_FUTURE);
}

function checkFilter({ kind, filter, mapping }: PlanHeader): void {
  if (kind === 'revert' && !isEveryTeam(filter)) {
    throw new Defect('filter', 'leaves teams out, though what a plan takes back is what its receipt holds');
  }
  for (const name of ['teams', 'excludeTeams'] as const) {
    const ids = filter[name] ?? [];
    for (const [index, id] of ids.entries()) {
      if (!isId(id, mapping.ids)) throw new Defect(`filter.${name}[${index}]`, 'is not a well-formed id');
    }
    demandAscending(`filter.${name}`, ids);
  }
  if (filter.shard !== null && filter.shard.index >= filter.shard.count) {
    throw new Defect('filter.shard.index', 'is not below the count of shards');
  }
}

/** The targets must be those that the mapping names: apply checks the targets, and writes where the mapping says. */
function checkTargets({ targets, mapping }: PlanHeader): void {
  const found = Object.keys(targets.mongo.collections);
  demandAscending('targets.mongo.collections', found);
  const mapped = Object.values(mapping.mongo.collections).sort(byCodeUnit);
  if (found.join('\0') !== mapped.join('\0')) {
    throw new Defect('targets.mongo.collections', 'are not the collections of the mapping');
  }
  if (targets.postgres.table !== `${mapping.postgres.schema}.${mapping.postgres.table}`) {
    throw new Defect('targets.postgres.table', 'is not the table of the mapping');
  }
}

function demandAscending(field: string, texts: readonly string[]): void {
  for (const [index, text] of texts.entries()) {
    const before = texts[index - 1];
    if (before !== undefined && text <= before)
      throw new Defect(field, 'is not sorted, or names something twice');
  }
}

/** The parts of the summary that are counted again. */
const COUNTED = [
  'teams',
  'users',
  'changes',
  'exceeded',
  'findings',
  'blocked',
] as const satisfies (keyof Summary)[];

/**
 * Compares the summary with what was counted in the plan.
 *
 * @throws Defect
 */
export function checkSummary({ kind, filter, summary }: PlanHeader, tally: SummaryTally): void {
  const { activeRoles, teams } = summary;
  const source = summary.exceeded.includes('allow-empty-source') ? 'doubted' : 'trusted';
  const counted = tally.summary({ scanned: teams.scanned, activeRoles }, { kind, filter, source });
  for (const part of COUNTED) {
    const found = JSON.stringify(summary[part]);
    const wanted = JSON.stringify(counted[part]);
    if (found !== wanted) {
      throw new Defect(`summary.${part}`, `says ${found}, but the plan holds ${wanted}`);
    }
  }
  if (teams.scanned < teams.changed)
    throw new Defect('summary.teams.scanned', 'is less than the number of changed teams');
}
