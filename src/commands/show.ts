import { Flags } from '@oclif/core';
import { openFileSink } from '../plan/file-sink.js';
import { readPlan } from '../plan/reader.js';
import { streamSink, type PlanSink } from '../plan/sink.js';
import { OPS, type Op } from '../team/change.js';
import { STORES, type Store } from '../team/role-row.js';
import { filteredPlan, type FilteredPlan } from '../views/plan-filter.js';
import { planHtml } from '../views/plan-html.js';
import { planJson } from '../views/plan-json.js';
import { DEFAULT_MAX_BYTES, planMarkdown } from '../views/plan-markdown.js';
import { planText } from '../views/plan-text.js';
import { PLAIN_TERMINAL, terminalFor } from '../views/terminal.js';
import { BaseCommand, fileArgument, planSource } from './base-command.js';

const FORMATS = ['text', 'markdown', 'html', 'json'] as const;
type Format = (typeof FORMATS)[number];

export default class Show extends BaseCommand {
  static override summary = 'Show a plan in a form that people can review.';
  static override description =
    'Verifies the whole file first and shows nothing of one that was altered. Connects to nothing. Changes that take ' +
    'roles away come first. Filters show a part, and say so; totals are always those of the whole plan.';
  static override examples = [
    '<%= config.bin %> show plan.json',
    '<%= config.bin %> show plan.json --destructive --store postgres',
    '<%= config.bin %> show plan.json --format html -o plan.html',
    '<%= config.bin %> show plan.json --format markdown | gh pr comment --body-file -',
    '<%= config.bin %> plan | <%= config.bin %> show -',
  ];
  static override enableJsonFlag = true;
  static override args = { plan: fileArgument('the plan; - is stdin') };
  static override flags = {
    format: Flags.custom<Format>({ options: [...FORMATS] })({
      default: 'text',
      description:
        'the form; markdown is cut to the size of a pull-request comment and says what it left out',
    }),
    output: Flags.string({
      char: 'o',
      helpValue: 'FILE',
      description: 'write it to a new file; - is stdout',
    }),
    force: Flags.boolean({ description: 'replace the output file if it exists', dependsOn: ['output'] }),
    team: Flags.string({
      helpValue: 'ID',
      multiple: true,
      multipleNonGreedy: true,
      description: 'only this team',
    }),
    user: Flags.string({
      helpValue: 'ID',
      multiple: true,
      multipleNonGreedy: true,
      description: 'only this user',
    }),
    op: Flags.custom<Op>({ options: [...OPS] })({
      multiple: true,
      multipleNonGreedy: true,
      description: 'only changes of this kind',
    }),
    store: Flags.custom<Store>({ options: [...STORES] })({
      multiple: true,
      multipleNonGreedy: true,
      description: 'only changes of this store',
    }),
    destructive: Flags.boolean({ description: 'only changes that take a role away' }),
    'max-bytes': Flags.integer({
      helpValue: 'N',
      min: 1,
      description: `the most bytes of --format markdown [default: ${DEFAULT_MAX_BYTES}]`,
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Show);
    const format = flags.json ? 'json' : flags.format;
    const file = flags.output === '-' ? undefined : flags.output;
    const sink =
      file === undefined
        ? streamSink(process.stdout)
        : await openFileSink(file, flags.force ? 'replace' : 'refuse');
    const plan = await readPlan(planSource(args.plan, 'any'), { now: Date.now() });
    try {
      const filtered = await filteredPlan(plan, {
        teams: flags.team ?? [],
        users: flags.user ?? [],
        ops: flags.op ?? [],
        stores: flags.store ?? [],
        removals: flags.destructive ? 'only' : 'and-others',
      });
      const planFile = args.plan === '-' ? 'PLAN' : args.plan;
      const maxBytes = flags['max-bytes'] ?? DEFAULT_MAX_BYTES;
      await deliver(rendered(filtered, { format, planFile, maxBytes, toFile: file !== undefined }), sink);
    } finally {
      await plan.close();
    }
  }
}

interface Rendering {
  readonly format: Format;
  readonly planFile: string;
  readonly maxBytes: number;
  readonly toFile: boolean;
}

async function* rendered(
  plan: FilteredPlan,
  { format, planFile, maxBytes, toFile }: Rendering,
): AsyncIterable<string> {
  switch (format) {
    case 'text': {
      const { isTTY, columns } = process.stdout;
      const terminal = toFile ? PLAIN_TERMINAL : terminalFor({ isTTY, columns, env: process.env });
      yield* planText(plan, terminal, planFile);
      return;
    }
    case 'markdown':
      yield await planMarkdown(plan, { maxBytes, planFile });
      return;
    case 'html':
      yield* planHtml(plan, planFile);
      return;
    case 'json':
      yield* planJson(plan);
      return;
  }
}

async function deliver(pieces: AsyncIterable<string>, sink: PlanSink): Promise<void> {
  try {
    for await (const piece of pieces) await sink.write(Buffer.from(piece));
    await sink.commit();
  } catch (error) {
    await sink.discard();
    throw error;
  }
}
