import { Arguments } from '../arguments.js';
import { type Doc, isDoc } from '../documents.js';
import { CommandError, notImplemented } from '../errors.js';
import type { CommandDefinition, Operation } from '../operation.js';
import { chooseAccessPath, findMatches } from '../query.js';

/** The filter and sort of the command to be explained. */
function queryOf(command: Arguments, name: string): { filter: Doc; sort: Doc } {
  const first = (list: string) => {
    const [statement] = command.documents(list);
    return isDoc(statement?.q) ? statement.q : {};
  };
  switch (name) {
    case 'find':
      return { filter: command.document('filter'), sort: command.document('sort') };
    case 'count':
    case 'distinct':
    case 'findAndModify':
      return { filter: command.document('query'), sort: command.document('sort') };
    case 'update':
      return { filter: first('updates'), sort: {} };
    case 'delete':
      return { filter: first('deletes'), sort: {} };
    case 'aggregate': {
      const [stage] = command.documents('pipeline');
      return { filter: isDoc(stage?.$match) ? stage.$match : {}, sort: {} };
    }
    default:
      throw notImplemented(`explain of ${name}`);
  }
}

/** Tells which index finds the documents, if any. */
function explain({ args, database, deployment, readPoint }: Operation): Doc {
  const command = args.document('explain');
  const name = Object.keys(command)[0] ?? '';
  const inner = new Arguments(name, command);
  const { filter, sort } = queryOf(inner, name);
  const collection = deployment.catalog.find(database, inner.string(name));
  const namespace = `${database}.${inner.string(name)}`;
  if (collection === undefined) {
    return { queryPlanner: { namespace, winningPlan: { stage: 'EOF' }, rejectedPlans: [] }, ok: 1 };
  }
  const path = chooseAccessPath(collection, filter, sort);
  const { index } = path;
  const access =
    index === undefined
      ? { stage: 'COLLSCAN', direction: 'forward' }
      : { stage: 'FETCH', inputStage: { stage: 'IXSCAN', keyPattern: index.key, indexName: index.name } };
  const needsSort = Object.keys(sort).length > 0 && !path.sorted;
  const winningPlan = needsSort ? { stage: 'SORT', sortPattern: sort, inputStage: access } : access;
  const verbosity = args.fields.verbosity ?? 'allPlansExecution';
  if (typeof verbosity !== 'string')
    throw new CommandError(14, "BSON field 'explain.verbosity' is the wrong type");
  const executionStats = {
    executionSuccess: true,
    nReturned: [...findMatches(collection, filter, {}, readPoint)].length,
    totalDocsExamined: [...path.hits()].filter(({ history }) => history.visibleAt(readPoint) !== null).length,
  };
  return {
    queryPlanner: { namespace, winningPlan, rejectedPlans: [] },
    ...(verbosity === 'queryPlanner' ? {} : { executionStats }),
    ok: 1,
  };
}

export const explainCommands: Readonly<Record<string, CommandDefinition>> = {
  explain: { fields: ['verbosity'], run: explain },
};
