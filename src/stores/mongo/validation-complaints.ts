/** Nesting that a validator of people's making does not reach. */
const DEEPEST = 20;

/**
 * What MongoDB's validator has against a document, one complaint each: `updated_at is missing`, `role_name: value was not
 * found in enum`. Empty where the server does not say, as before MongoDB 5.
 *
 * @param errInfo what came with DocumentValidationFailure; its shape follows the validator's
 */
export function validationComplaints(errInfo: unknown): string[] {
  return [...new Set(complaints(errInfo, '', 0))];
}

function* complaints(node: unknown, path: string, depth: number): Generator<string, void, undefined> {
  if (depth > DEEPEST || typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const one of node) yield* complaints(one, path, depth + 1);
    return;
  }
  const part = new Map<string, unknown>(Object.entries(node));
  const name = part.get('propertyName');
  const here = typeof name === 'string' ? (path === '' ? name : `${path}.${name}`) : path;
  const inside = (field: unknown): string => (here === '' ? String(field) : `${here}.${String(field)}`);
  for (const field of listOf(part.get('missingProperties'))) yield `${inside(field)} is missing`;
  for (const field of listOf(part.get('additionalProperties'))) yield `${inside(field)} is not allowed`;
  const reason = part.get('reason');
  if (typeof reason === 'string') {
    const rule = JSON.stringify({ [String(part.get('operatorName'))]: part.get('specifiedAs') });
    yield here === '' ? `${reason}: ${rule}` : `${here}: ${reason}`;
  }
  for (const [key, child] of part) {
    // What the rule says, and the value that it was held against, are no complaints.
    if (key !== 'specifiedAs' && key !== 'consideredValue' && key !== 'consideredValues')
      yield* complaints(child, here, depth + 1);
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
