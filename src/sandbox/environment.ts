/** The variables of config.env.example, all of them set. */
export interface SandboxEnvironment {
  readonly MONGODB_URI: string;
  readonly DB_NAME: string;
  readonly POSTGRES_HOST: string;
  readonly POSTGRES_PORT: string;
  readonly POSTGRES_DB: string;
  readonly POSTGRES_USER: string;
  readonly POSTGRES_PASSWORD: string;
  readonly POSTGRES_SSLMODE: string;
}
