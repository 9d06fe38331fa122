import { DEFAULT_MAPPING, type Mapping } from '../model/mapping.js';
import { visibleText } from './safe-text.js';

/** Something that nobody has answered. */
interface OpenQuestion {
  readonly setting: string;
  readonly within: string | null;
  readonly options: readonly string[];
}

/** What the settings of a mapping are called in a question. */
const NOUN: Readonly<Record<string, string>> = {
  'mongo.collections.teams': 'the collection of teams',
  'mongo.collections.memberships': 'the collection of memberships',
  'mongo.collections.roles': 'the collection of roles',
  'postgres.table': 'the table with the copies of the roles',
};
const OPTIONS_SHOWN = 8;

/** A question to a person, in one line. */
export function questionText({ setting, within }: OpenQuestion): string {
  const noun = NOUN[setting];
  if (noun !== undefined) return `Which is ${noun}?`;
  const kind = setting.startsWith('postgres.') ? 'column' : 'field';
  return `Which ${kind} of ${visibleText(within ?? '')} is "${setting.split('.').at(-1) ?? ''}"?`;
}

/** One line for each question that is open. */
export function openQuestionsText(questions: readonly OpenQuestion[]): string {
  return questions
    .map(({ setting, within, options }) => {
      const where = within === null ? '' : ` (in ${visibleText(within)})`;
      const shown = options.slice(0, OPTIONS_SHOWN).map((option) => visibleText(option));
      const more = options.length > shown.length ? `, or one of ${options.length - shown.length} more` : '';
      const may = shown.length === 0 ? 'nothing looks like it' : `may be ${shown.join(', ')}${more}`;
      return `\n- ${setting}${where}: ${may}`;
    })
    .join('');
}

/** What was taken for what, as a person checks it. */
export function guessSummary(mapping: Mapping, unseen: readonly string[]): string {
  const { mongo, postgres } = mapping;
  const lines = [
    `teams        collection ${mongo.collections.teams}${renamed(mongo.teams, DEFAULT_MAPPING.mongo.teams)}`,
    `memberships  collection ${mongo.collections.memberships}${renamed(mongo.memberships, DEFAULT_MAPPING.mongo.memberships)}`,
    `roles        collection ${mongo.collections.roles}${renamed(mongo.roles, DEFAULT_MAPPING.mongo.roles)}`,
    `copies       table ${postgres.schema}.${postgres.table}${renamed(postgres.columns, DEFAULT_MAPPING.postgres.columns)}`,
    `ids          ${mapping.ids === 'hex' ? '24 hexadecimal digits' : 'plain strings'}, written as ${mongo.writeIdsAs === 'objectId' ? 'ObjectIds' : 'strings'}`,
  ];
  if (unseen.length > 0) lines.push(`not seen     ${unseen.join(', ')}: the usual names stand for them`);
  return lines.map((line) => `  ${line}\n`).join('');
}

/** The fields that are called otherwise than usual. */
function renamed(names: Record<string, string>, usual: Record<string, string>): string {
  const other = Object.entries(names).filter(([key, name]) => usual[key] !== name);
  return other.length === 0 ? '' : `, with ${other.map(([key, name]) => `${key} = ${name}`).join(', ')}`;
}
