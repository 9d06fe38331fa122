import { settleTeam, type TeamDraft, type TeamVerdict } from '../decide/team.js';
import type { PlanWriter } from '../files/plan/writer.js';
import type { FactsReader, LinkIds, RowImages } from '../stores/facts-reader.js';
import type { Change, Decision } from '../model/decision.js';
import type { OddField } from '../model/finding.js';
import type { Mapping } from '../model/mapping.js';
import { changeWithImage } from './change-image.js';

export interface QueuedTeam {
  readonly draft: TeamDraft;
  readonly images: RowImages;
  /** How many people hold an active role in the team. */
  readonly holders: number;
}

/** The ids in one look-up, and the teams that may wait for it. */
const LINKS_AT_ONCE = 500;
const TEAMS_AT_ONCE = 500;

/** Collects teams for one look-up of the ids in their changes. It settles and writes them in their order. */
export class TeamQueue {
  readonly #reader: Pick<FactsReader, 'links'>;
  readonly #writer: Pick<PlanWriter, 'block' | 'team'>;
  readonly #mapping: Mapping;
  readonly #asOf: number;
  #teams: QueuedTeam[] = [];
  #links = noLinks();

  constructor(
    reader: Pick<FactsReader, 'links'>,
    writer: Pick<PlanWriter, 'block' | 'team'>,
    mapping: Mapping,
    asOf: number,
  ) {
    this.#reader = reader;
    this.#writer = writer;
    this.#mapping = mapping;
    this.#asOf = asOf;
  }

  /** Settles what waits once it is enough. */
  async add(team: QueuedTeam): Promise<void> {
    const { users, blocked } = team.draft;
    if (users.length === 0) {
      // There is nothing to settle, and blocks may be written in any order.
      for (const block of blocked) await this.#writer.block(block);
      return;
    }
    const kept = team.images.keepOnly(new Set(users.map(({ facts }) => facts.user)));
    this.#teams.push({ ...team, images: kept });
    for (const { wants } of users) for (const { need } of wants) addNeed(this.#links, need);
    const { mongo, postgres } = this.#links;
    if (mongo.length + postgres.length >= LINKS_AT_ONCE || this.#teams.length >= TEAMS_AT_ONCE) {
      await this.settle();
    }
  }

  async settle(): Promise<void> {
    const teams = this.#teams;
    const { links, images } = await this.#reader.links(this.#links);
    this.#teams = [];
    this.#links = noLinks();
    for (const team of teams) {
      await this.#write(settleTeam(team.draft, links), team.holders, [team.images, images]);
    }
  }

  async #write(
    { team, decisions, blocked }: TeamVerdict,
    holders: number,
    images: readonly RowImages[],
  ): Promise<void> {
    for (const block of blocked) await this.#writer.block(block);
    const planned: Decision[] = [];
    for (const { user, standing, member, observed, changes } of decisions) {
      const context = { team: team.id, user, asOf: this.#asOf, mapping: this.#mapping, images };
      const imaged = changes.map((change) => changeWithImage(change, context));
      if (imaged.every(isImaged)) planned.push({ user, standing, member, observed, changes: imaged });
      for (const odd of imaged)
        if (!isImaged(odd)) await this.#writer.block({ code: 'malformed-row', team: team.id, user, ...odd });
    }
    if (planned.length > 0) await this.#writer.team({ team, holders, decisions: planned });
  }
}

function isImaged(change: Change | OddField): change is Change {
  return 'op' in change;
}

type Need = TeamDraft['users'][number]['wants'][number]['need'];

function noLinks(): { mongo: string[]; postgres: string[] } & LinkIds {
  return { mongo: [], postgres: [] };
}

/** A new id must be free in both stores, and an id that links two copies must belong to one row in each. */
function addNeed(links: { readonly mongo: string[]; readonly postgres: string[] }, need: Need): void {
  if (need.kind === 'none') return;
  links.mongo.push(need.id);
  links.postgres.push(need.id);
}
