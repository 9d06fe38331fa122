import type { ChangeEntry, CodeWords, DecisionEntry, PageData, PageWords, TeamEntry } from '../page-data.js';
import { known } from './elements.js';

export interface Team {
  readonly id: string;
  readonly name: string | null;
  readonly state: string;
  readonly createdBy: string | null;
  readonly createdByName: string | undefined;
}

/** One user in one team. */
export interface Decision {
  readonly team: Team;
  readonly user: string;
  readonly name: string | undefined;
  readonly standing: CodeWords;
  readonly member: boolean;
  readonly mongo: DecisionEntry[3];
  readonly postgres: DecisionEntry[4];
  readonly changes: readonly Change[];
  /** What a word of the search is looked for in, besides the texts of the changes. */
  readonly text: string;
}

export interface Change {
  readonly op: PageWords['op'][number];
  readonly store: CodeWords;
  readonly role: string;
  readonly rule: CodeWords;
  readonly isNew: boolean;
  readonly id: string;
  readonly fields: readonly string[];
  readonly values: readonly string[];
  readonly text: string;
}

// What page-entries.ts writes, in these types.
export const words = dataIn('page-words') as PageWords;

export function readDecisions(): readonly Decision[] {
  const { teams, shapes } = dataIn('page-data') as PageData;
  return teams.flatMap((entry) => decisionsOf(entry, shapes));
}

function dataIn(id: string): unknown {
  return JSON.parse(known(id, HTMLScriptElement).text);
}

function decisionsOf(
  [id, name, state, createdBy, decisions, createdByName]: TeamEntry,
  shapes: PageData['shapes'],
): Decision[] {
  const team = { id, name, state: words.states[state] ?? '', createdBy, createdByName };
  return decisions.map(([user, standing, member, mongo, postgres, changes, called]) => ({
    team,
    user,
    name: called,
    standing: at(words.standing, standing),
    member: member === 1,
    mongo,
    postgres,
    changes: changes.map((change) => changeOf(change, shapes)),
    text: `${id}\n${name ?? ''}\n${user}\n${called ?? ''}`.toLowerCase(),
  }));
}

function changeOf(
  [op, store, role, rule, isNew, id, shape, values]: ChangeEntry,
  shapes: PageData['shapes'],
): Change {
  const fields = at(shapes, shape);
  return {
    op: at(words.op, op),
    store: at(words.store, store),
    role,
    rule: at(words.rule, rule),
    isNew: isNew === 1,
    id,
    fields,
    values,
    // With the link, so that the id of a document finds both copies.
    text: `${role}\n${id}\n${values[fields.indexOf(words.link)] ?? ''}`.toLowerCase(),
  };
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`The data of the page are damaged: ${String(index)}`);
  return found;
}
