import type { MongoImage, PostgresImage } from '../model/decision.js';
import type { Links, TeamFacts } from '../model/facts.js';
import type { Finding, OddField } from '../model/finding.js';
import type { Policy } from '../model/policy.js';
import type { Store } from '../model/store.js';
import type { SerialId } from '../model/id.js';
import type { Targets, Consistency } from '../model/targets.js';
import type { TeamFilter } from '../model/team-filter.js';

/** The whole rows behind facts; null for a row that was not read or cannot be written down without loss. */
export interface RowImages {
  mongo(user: string, id: string): MongoImage | null;
  postgres(user: string, id: SerialId): PostgresImage | null;
  /** The field that keeps a document from being written down; null if none does, or if it was not read. */
  unwritable(user: string, mongoId: string): OddField | null;
  /** Keeps these users' rows and releases the memory of all others. */
  keepOnly(users: ReadonlySet<string>): RowImages;
}

export interface ReadTeam {
  readonly facts: TeamFacts;
  readonly images: RowImages;
  readonly activeRows: Readonly<Record<Store, number>>;
}

/** A finding stands alone if it belongs to no team. */
export type Read =
  | { readonly kind: 'team'; readonly team: ReadTeam }
  | { readonly kind: 'finding'; readonly finding: Finding };

/** The names that some users have at the same point in time, by id, as a plan shows them; those without one are left out. */
export type NamesOf = (users: readonly string[]) => Promise<ReadonlyMap<string, string>>;

export type LinkIds = Readonly<Record<Store, readonly string[]>>;

export interface ReadLinks {
  readonly links: Links;
  readonly images: RowImages;
}

/** Both stores, each at one point in time, as far as the rules need them. A reader cannot write. */
export interface FactsReader {
  readonly targets: Targets;
  readonly consistency: Consistency;
  /** Every team that passes the filter, in ascending order of ids. To be called once. */
  read(filter: TeamFilter, policy: Pick<Policy, 'activeValues'>): AsyncIterable<Read>;
  /** Looks up who holds the ids, at the same point in time; also between two teams. */
  links(ids: LinkIds): Promise<ReadLinks>;
  names: NamesOf;
}
