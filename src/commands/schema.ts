import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';

const SUBJECTS = ['plan', 'receipt', 'policy', 'mapping', 'config'] as const;
type Subject = (typeof SUBJECTS)[number];

export default class Schema extends BaseCommand {
  static override summary = 'Print the JSON Schema of a file that fix-roles reads or writes.';
  static override description =
    'JSON Schema draft 2020-12, for editors and other tools. A file that fits is not yet valid: fix-roles itself ' +
    'checks more (the digest and the layout of a plan, names that must differ, …). A receipt has one event a line; ' +
    'the schema describes one.';
  static override examples = [
    '<%= config.bin %> schema plan > plan.schema.json',
    '<%= config.bin %> schema config > fix-roles.config.schema.json',
  ];
  static override enableJsonFlag = true;
  static override args = {
    subject: Args.custom<Subject>({ options: [...SUBJECTS] })({
      required: true,
      ignoreStdin: true,
      description: 'what to describe',
    }),
  };

  async run(): Promise<object> {
    const { args } = await this.parse(Schema);
    const schema = await jsonSchemaOf(args.subject);
    this.log(JSON.stringify(schema, null, 2));
    return schema;
  }
}

async function jsonSchemaOf(subject: Subject): Promise<object> {
  const { z } = await import('zod');
  switch (subject) {
    case 'plan':
      return z.toJSONSchema((await import('../files/plan/json-schema.js')).planDocumentSchema);
    case 'receipt':
      return z.toJSONSchema((await import('../files/receipt/schema.js')).receiptEventSchema);
    case 'policy':
      return (await import('../config/settings-schema.js')).policyJsonSchema();
    case 'mapping':
      return (await import('../config/settings-schema.js')).mappingJsonSchema();
    case 'config':
      return (await import('../config/settings-schema.js')).configJsonSchema();
  }
}
