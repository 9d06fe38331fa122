import { join } from 'node:path';
import { Flags } from '@oclif/core';
import type { ConnectionConfiguration } from '../config/configuration.js';
import { guessMapping, type Answer, type Guess, type Question } from '../guess/guess-mapping.js';
import { openFileSink } from '../files/file-sink.js';
import { streamSink } from '../files/sink.js';
import { Failure } from '../model/failure.js';
import { mappingSchema } from '../model/mapping.js';
import type { StoreShapes } from '../model/shape.js';
import type { ConnectedStores } from '../model/step-observer.js';
import { configStart } from '../views/config-start.js';
import { guessSummary, openQuestionsText } from '../views/guess-text.js';
import { commandLine } from '../views/next-command.js';
import { askWhich } from '../cli/ask-which.js';
import { BaseCommand } from '../cli/base-command.js';
import { connectionFlags } from '../cli/flags.js';
import { EXIT } from '../cli/exit-codes.js';
import { QuestionLeft } from '../cli/terminal-input.js';

const FILE = 'fix-roles.config.json';

export default class Init extends BaseCommand {
  static override summary =
    'Look at the databases and write a commented fix-roles.config.json to go on from.';
  static override description =
    'Reads only. Looks for the collections of teams, memberships and roles and for the table with the copies, by their ' +
    'names and by what is in them, and asks on the terminal where it is unsure. The file sets what differs from the ' +
    'defaults; everything else stands in it as a comment, with what it means.';
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --yes -o staging.config.json',
    '<%= config.bin %> init --yes -o - | less',
  ];
  static override flags = {
    output: Flags.string({
      char: 'o',
      helpValue: 'FILE',
      default: FILE,
      description: 'write it to this new file; - is stdout',
    }),
    force: Flags.boolean({ description: 'replace the file if it exists' }),
    yes: Flags.boolean({
      char: 'y',
      description: 'ask nothing; where that leaves something open, name it and fail',
    }),
    dotenv: connectionFlags.dotenv,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Init);
    const { output } = flags;
    // Before anybody is asked anything.
    const sink =
      output === '-'
        ? streamSink(process.stdout)
        : await openFileSink(output, flags.force ? 'replace' : 'refuse', 'the configuration');
    const shapes = await this.look(await this.whereTheyAre(flags.dotenv));
    const asking = !flags.yes && process.stdin.isTTY && process.stderr.isTTY;
    const guess = asking ? await this.asked(shapes) : await unaided(shapes);
    refuseUnusable(guess);
    try {
      await sink.write(Buffer.from(configStart(guess)));
      await sink.commit();
    } catch (error) {
      await sink.discard();
      throw error;
    }
    this.tell(`Found:\n${guessSummary(guess.mapping, guess.unseen)}`);
    if (output !== '-') this.tell(`Written to ${output}. Look through it, then:`);
    const config = output === FILE || output === '-' ? [] : ['--config', output];
    this.tell(
      `  ${commandLine('doctor', ...config)}\n  ${commandLine('plan', ...config, '-o', 'plan.json')}`,
    );
  }

  /** @throws Failure that also says where the variables are explained: whoever has none yet may not know the file */
  private async whereTheyAre(envFile: string | undefined): Promise<ConnectionConfiguration> {
    try {
      return await this.loadConnections(envFile);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const example = join(this.config.root, 'config.env.example');
      const next = `Set them, or write them into .env here. To begin with: cp ${example} .env, then fill it in. Nothing was opened.`;
      throw new Failure(error.kind, { ...error.text, next }, { cause: error });
    }
  }

  private async look(configuration: ConnectionConfiguration): Promise<StoreShapes> {
    const { lookAround } = await import('../steps/init.js');
    const { observer } = this;
    const onConnected = (stores: ConnectedStores): void => {
      this.tell(
        `Looking at MongoDB ${stores.mongo.address}, database ${configuration.mongo.database}, and ` +
          `PostgreSQL ${stores.postgres?.address ?? ''}, database ${configuration.postgres.database}.`,
      );
      observer.onConnected?.(stores);
    };
    const shapes = await this.interruptible((signal) =>
      lookAround(configuration, { observer: { ...observer, onConnected }, signal }),
    );
    this.detail(`Looked at ${shapes.collections.length} collections and ${shapes.tables.length} tables`);
    return shapes;
  }

  private async asked(shapes: StoreShapes): Promise<Guess> {
    const open: Question[] = [];
    try {
      const guess = await guessMapping(shapes, noting(open, askWhich));
      if (open.length > 0) throw undecided(open);
      return guess;
    } catch (error) {
      if (error instanceof QuestionLeft) this.exit(EXIT.interrupted);
      throw error;
    }
  }
}

/** The guess without anybody to ask. */
async function unaided(shapes: StoreShapes): Promise<Guess> {
  const open: Question[] = [];
  const guess = await guessMapping(
    shapes,
    noting(open, () => Promise.resolve(null)),
  );
  if (open.length > 0) throw undecided(open);
  return guess;
}

/** Notes every question that gets no answer. */
function noting(open: Question[], answer: Answer): Answer {
  return async (question) => {
    const said = await answer(question);
    if (said === null) open.push(question);
    return said;
  };
}

const DOING = 'looking for teams, memberships and roles';
const BY_HAND = 'or write fix-roles.config.json by hand: fix-roles schema config describes it';

function undecided(open: readonly Question[]): Failure {
  const hopeless = open.some(({ options }) => options.length === 0);
  return new Failure('operational', {
    doing: DOING,
    problem: `it cannot be told what is what${openQuestionsText(open)}`,
    next: hopeless
      ? `Check DB_NAME, POSTGRES_DB and what this user may read, ${BY_HAND}. Nothing was written.`
      : `Run fix-roles init on a terminal without --yes, to be asked, ${BY_HAND}. Nothing was written.`,
  });
}

/** Answers and usual names together may name something twice. */
function refuseUnusable({ mapping }: Guess): void {
  const checked = mappingSchema.safeParse(mapping);
  if (checked.success) return;
  const problems = checked.error.issues.map(({ path, message }) => `\n- ${path.join('.')}: ${message}`);
  throw new Failure('operational', {
    doing: DOING,
    problem: `what was found and said does not go together${problems.join('')}`,
    next: `Run fix-roles init again with other answers, ${BY_HAND}. Nothing was written.`,
  });
}
