import { Collection } from './collection.js';
import { CommandError } from './errors.js';

/** The databases and their collections. Both come into being when something is put into them. */
export class Catalog {
  readonly #databases = new Map<string, Map<string, Collection>>();

  databases(): string[] {
    return [...this.#databases.keys()].sort();
  }

  collections(database: string): Collection[] {
    return [...(this.#databases.get(database)?.values() ?? [])];
  }

  find(database: string, name: string): Collection | undefined {
    return this.#databases.get(database)?.get(name);
  }

  findOrCreate(database: string, name: string): Collection {
    if (name === '' || name.includes('$') || name.includes('\0')) {
      throw new CommandError(73, `Invalid namespace specified '${database}.${name}'`);
    }
    const collections = this.#databases.get(database) ?? new Map<string, Collection>();
    this.#databases.set(database, collections);
    const collection = collections.get(name) ?? new Collection(`${database}.${name}`);
    collections.set(name, collection);
    return collection;
  }

  drop(database: string, name: string): boolean {
    const collections = this.#databases.get(database);
    const dropped = collections?.delete(name) === true;
    if (collections?.size === 0) this.#databases.delete(database);
    return dropped;
  }

  dropDatabase(database: string): boolean {
    return this.#databases.delete(database);
  }

  prune(horizon: number): void {
    for (const collections of this.#databases.values()) {
      for (const collection of collections.values()) collection.prune(horizon);
    }
  }
}
