import { settleTeam, type TeamDraft, type TeamVerdict } from '../decide/team.js';
import type { PlanWriter } from '../files/plan/writer.js';
import { insertedDocument, insertedRow } from '../files/row-image.js';
import type { FactsReader, RowImages } from '../stores/facts-reader.js';
import type { DerivedChange } from '../model/change.js';
import type { Change, Decision } from '../model/decision.js';
import type { OddField } from '../model/finding.js';
import type { Mapping } from '../model/mapping.js';

export interface QueuedTeam {
  readonly draft: TeamDraft;
  readonly images: RowImages;
  /** How many people hold an active role in the team. */
  readonly holders: number;
}

export interface QueueTerms {
  readonly reader: Pick<FactsReader, 'links'>;
  readonly writer: Pick<PlanWriter, 'block' | 'team'>;
  readonly mapping: Mapping;
  readonly asOf: number;
}

/** The ids in one look-up, and the teams that may wait for it. */
const LINKS_AT_ONCE = 250;
const TEAMS_AT_ONCE = 500;

/** Collects teams for one look-up of the ids in their changes. It settles and writes them in their order. */
export class TeamQueue {
  readonly #terms: QueueTerms;
  #teams: QueuedTeam[] = [];
  #links: string[] = [];

  constructor(terms: QueueTerms) {
    this.#terms = terms;
  }

  /** Settles what waits once it is enough. */
  async add(team: QueuedTeam): Promise<void> {
    const { users, blocked } = team.draft;
    if (users.length === 0) {
      // There is nothing to settle, and blocks may be written in any order.
      for (const block of blocked) await this.#terms.writer.block(block);
      return;
    }
    const kept = team.images.keepOnly(new Set(users.map(({ facts }) => facts.user)));
    this.#teams.push({ ...team, images: kept });
    for (const { wants } of users)
      for (const { need } of wants) if (need.kind !== 'none') this.#links.push(need.id);
    if (this.#links.length >= LINKS_AT_ONCE || this.#teams.length >= TEAMS_AT_ONCE) await this.settle();
  }

  async settle(): Promise<void> {
    const teams = this.#teams;
    // A new id must be free in both stores, and an id that links two copies must belong to one row in each.
    const ids = { mongo: this.#links, postgres: this.#links };
    const { links, images } = await this.#terms.reader.links(ids);
    this.#teams = [];
    this.#links = [];
    for (const team of teams)
      await this.#write(settleTeam(team.draft, links), team.holders, [team.images, images]);
  }

  async #write(
    { team, decisions, blocked }: TeamVerdict,
    holders: number,
    images: readonly RowImages[],
  ): Promise<void> {
    const { writer, asOf, mapping } = this.#terms;
    for (const block of blocked) await writer.block(block);
    const planned: Decision[] = [];
    for (const { user, standing, member, observed, changes } of decisions) {
      const context = { team: team.id, user, asOf, mapping, images };
      const imaged = changes.map((change) => changeWithImage(change, context));
      if (imaged.every(isImaged)) planned.push({ user, standing, member, observed, changes: imaged });
      for (const odd of imaged)
        if (!isImaged(odd)) await writer.block({ code: 'malformed-row', team: team.id, user, ...odd });
    }
    if (planned.length > 0) await writer.team({ team, holders, decisions: planned });
  }
}

function isImaged(change: Change | OddField): change is Change {
  return 'op' in change;
}

interface ChangeContext {
  readonly team: string;
  readonly user: string;
  readonly asOf: number;
  readonly mapping: Mapping;
  /** Hold the rows that exist already. */
  readonly images: readonly RowImages[];
}

/** Adds the full row (for an insert, as it will be), or names the field that could not be restored without loss. */
function changeWithImage(
  change: DerivedChange,
  { team, user, asOf, mapping, images }: ChangeContext,
): Change | OddField {
  const { role, rule } = change;
  if (change.op === 'insert') {
    const row = { team, user, role, link: change.link };
    return change.store === 'mongo'
      ? { op: 'insert', store: 'mongo', role, rule, after: insertedDocument(row, asOf, mapping) }
      : { op: 'insert', store: 'postgres', role, rule, after: insertedRow(row, asOf, mapping) };
  }
  const { op } = change;
  for (const source of images)
    if (change.store === 'postgres') {
      const before = source.postgres(user, change.id);
      if (before !== null) return { op, store: 'postgres', role, rule, before };
    } else {
      const before = source.mongo(user, change.id);
      if (before !== null) return { op, store: 'mongo', role, rule, before };
      const odd = source.unwritable(user, change.id);
      if (odd !== null) return odd;
    }
  throw new Error('a row that was not read is to be changed');
}
