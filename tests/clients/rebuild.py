"""Emptying what a service derives from topics, as docs/reference/rebuilding.md tells people to do it."""

import subprocess

import psycopg
from steward_stack.postgres import BIN

# Of scoring's database: what no topic can give back. Everything else in it follows from topics.
SCORING_OWN = ["journal", "journal_cursor", "journal_acknowledged", "journal_decision", "journal_accepted", "idempotency_key", "denied_token",
               "allowed_token", "definition", "target", "eligibility", "measurement", "period", "period_result", "scoring_model_version", "scoring_model"]


def scoring_own(stack):
    return sorted(tables(stack, "scoring") & set(SCORING_OWN))


def dump(stack, database, tables, file):
    subprocess.run([BIN / "pg_dump", "-h", stack.postgres.socket_dir, "-p", str(stack.ports["postgres"]), "-U", "postgres", "--data-only",
                    *(f"--table=public.{table}" for table in tables), f"--file={file}", database], check=True, timeout=60)


def load(stack, database, tables, file):
    stack.postgres.psql(f"TRUNCATE {', '.join(tables)};\n{file.read_text()}", database)


def make_anew(stack, service):
    """The service's database, empty but for the schema. The service is down."""
    role = f"steward_{service}"
    stack.postgres.psql(f"DROP DATABASE {service} WITH (FORCE)")
    stack.postgres.psql(f"CREATE DATABASE {service} OWNER {role}")
    stack.postgres.psql(f"REVOKE CONNECT ON DATABASE {service} FROM PUBLIC; GRANT CONNECT ON DATABASE {service} TO {role}, steward_auditor")
    stack.services[service].migrate()


def read_again(stack, service, topic, aggregates, empty):
    """The service reads `topic` from offset 0; what its projection keeps of it is emptied by `empty`, what it has seen of `aggregates`
    (a condition) forgotten. The service is down."""
    group = f"steward.{service}"
    stack.postgres.psql(f"""BEGIN;
        DELETE FROM consumer_version WHERE consumer_group = '{group}' AND {aggregates};
        DELETE FROM consumer_count WHERE consumer_group = '{group}' AND topic = '{topic}';
        DELETE FROM consumer_offset WHERE consumer_group = '{group}' AND topic = '{topic}';
        {empty};
        COMMIT""", service)


def rows(stack, database, table, leave_out=(), where="true"):
    """Each row as the text of its columns, sorted."""
    with psycopg.connect(stack.dsn(database), autocommit=True) as db:
        names = [name for name, in db.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT"
                                              " attisdropped ORDER BY attnum", (table,)) if name not in leave_out]
        return sorted(text for text, in db.execute(f"SELECT ROW({', '.join(names)})::text FROM {table} WHERE {where}"))


def tables(stack, database):
    with psycopg.connect(stack.dsn(database), autocommit=True) as db:
        return {name for name, in db.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")}
