"""Rows that agree with the repositories, as one script for psql.

The script makes the roles, the database, the tables and their rows; it is run
once by the server's own superuser.
"""
import json
import os
import time

from plan import APPS, DAY, SECRETS, rng

HERE = os.path.dirname(os.path.abspath(__file__))

# What an audit may read: nothing that holds other systems' secrets.
AUDITED = ("project repository sta_repo_origin sta_pull_request app_property"
           " plugin_state id_sequence databasechangelog databasechangeloglock"
           " asyncdblock bb_clusteredjob bb_data_store bb_repo_size bb_alert"
           " bb_mesh_node bb_mesh_partition_replica bb_mesh_repo_replica"
           " bb_mesh_migration_job bb_mesh_migration_queue"
           " bb_mesh_partition_migration bb_job bb_integrity_event"
           ' "AO_8E6075_MIRROR_SERVER" "AO_C77861_AUDIT_ENTITY"').split()

ROLES = """
CREATE ROLE bitbucket LOGIN PASSWORD '%(jdbc.password)s';
CREATE ROLE gonogo_backup LOGIN PASSWORD '%(gonogo_backup)s';
GRANT pg_read_all_data TO gonogo_backup;
CREATE ROLE gonogo_audit LOGIN PASSWORD '%(gonogo_audit)s';
GRANT pg_monitor TO gonogo_audit;
CREATE DATABASE bitbucket OWNER bitbucket TEMPLATE template0;
\\connect bitbucket
"""


def stamp(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


def field(value):
    """One value in the text form of COPY."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return (str(value).replace("\\", "\\\\").replace("\t", "\\t")
            .replace("\n", "\\n"))


def copy(out, table, columns, rows):
    out.write("COPY %s (%s) FROM stdin;\n" % (table, columns))
    for row in rows:
        out.write("\t".join(map(field, row)) + "\n")
    out.write("\\.\n")


def write_repositories(out, plan):
    copy(out, "project",
         "id, name, project_key, description, project_type, namespace",
         ((p.id, p.name, p.key, None, int(p.personal), "#")
          for p in plan.projects))
    copy(out, "repository",
         "id, slug, name, state, project_id, scm_id, hierarchy_id, is_forkable,"
         " is_public, is_read_only, is_archived",
         ((r.id, r.slug, r.slug, 1, r.project.id, "git", r.hierarchy, True,
           r.id % 5 == 0, r.archived, r.archived) for r in plan.repositories))
    copy(out, "sta_repo_origin", "repository_id, origin_id",
         ((r.id, r.origin) for r in plan.repositories if r.origin))
    copy(out, "bb_repo_size", "repo_id, total, updated_timestamp",
         ((r.id, r.size_bytes, stamp(plan.as_of - DAY))
          for r in plan.repositories))
    copy(out, "bb_attachment", "id, repository_id, filename",
         ((1000 * r.id + n, r.id, name) for r in plan.repositories
          for n, name in enumerate(r.attachments)))
    copy(out, '"AO_811463_GIT_LFS_REPO_CONFIG"',
         '"IS_ENABLED", "REPOSITORY_ID"',
         ((True, r.id) for r in plan.repositories if not r.empty))
    moved = plan.repositories[0]
    copy(out, "bb_repository_alias", "repository_id, project_key, slug",
         [(moved.id, moved.project.key, moved.slug + "-before")])


def write_pull_requests(out, plan):
    """Returns (the next id of a pull request, the next id of an activity)."""
    found = sorted(((pr.created, r.id, pr) for r in plan.repositories
                    for pr in r.pull_requests), key=lambda f: f[:2])
    numbered = [(n, to, pr) for n, (_, to, pr) in enumerate(found, 1)]
    copy(out, "sta_pull_request",
         "id, entity_version, scoped_id, pr_state, created_timestamp,"
         " updated_timestamp, from_repository_id, to_repository_id,"
         " from_branch_fqn, to_branch_fqn, from_branch_name, to_branch_name,"
         " from_hash, to_hash, title, description, rescoped_timestamp,"
         " closed_timestamp",
         ((n, 1 + pr.state, pr.scoped_id, pr.state, stamp(pr.created),
           stamp(pr.closed or pr.created), pr.from_repository, to,
           "refs/heads/" + pr.from_branch, "refs/heads/main", pr.from_branch,
           "main", pr.from_hash, pr.to_hash, pr.title,
           "Why:\n\t* it had to be\n\t* \\ and \u263a", stamp(pr.created),
           stamp(pr.closed) if pr.closed else None) for n, to, pr in numbered))
    copy(out, "bb_pr_commit", "pr_id, commit_id",
         ((n, commit) for n, _, pr in numbered for commit in pr.commits))
    merges = [pr.merge_hash for _, _, pr in numbered if pr.state == 1]
    copy(out, "sta_pr_merge_activity", "activity_id, hash",
         enumerate(merges, 1))
    copy(out, "sta_repository_scoped_id", "repository_id, scope_type, next_id",
         ((r.id, "pull-request", len(r.pull_requests) + 1)
          for r in plan.repositories))
    return len(numbered) + 1, len(merges) + 1


def write_application(out, plan, hooks):
    copy(out, "app_property", "prop_key, prop_value",
         (("license", SECRETS["licence"]), ("server.id", "BDEM-0001-0002-0003"),
          ("instance.home", plan.node_home(1)),
          ("instance.name", "Demonstration"),
          ("instance.url", "https://bitbucket.example.com"),
          ("setup.completed", "true"),
          ("instance.application.mode", "default")))
    copy(out, "plugin_setting", "namespace, key_name, key_value, id",
         (("bitbucket.global.settings", "applinks.secret",
           SECRETS["applink"], 1),
          ("bitbucket.global.settings", "announcement",
           "line\nnext\\line", 2)))
    copy(out, "plugin_state", "name, enabled, updated_timestamp",
         ((key, enabled, (plan.as_of - 30 * DAY) * 1000)
          for key, _, enabled in APPS if enabled is not None))
    copy(out, "hibernate_unique_key", "next_hi", [(12,)])
    copy(out, "databasechangelog",
         "id, author, filename, dateexecuted, orderexecuted, exectype, md5sum,"
         " description, comments, liquibase",
         (("BSERV-%d" % (1000 + n), "developer",
           "liquibase/r9_4/upgrade%d.xml" % (n // 10),
           stamp(plan.as_of - 400 * DAY + n), n, "EXECUTED", "8:%032x" % n,
           "createTable", "", "4.28.0") for n in range(1, 121)))
    for table in ("databasechangeloglock", "asyncdblock"):
        copy(out, table, "id, locked", [(1, False)])
    copy(out, "bb_clusteredjob",
         "job_id, job_runner_key, sched_type, interval_millis, next_run,"
         " version, parameters",
         (("job-%d" % n, "com.example.job:%d" % n, "I", 3600000,
           stamp(plan.as_of + 60 * n), n, b"\xac\xed\0\5\0\0\xff" * n)
          for n in range(1, 6)))
    copy(out, "bb_hook_script",
         "id, hook_version, hook_size, hook_type, created_timestamp,"
         " updated_timestamp, hook_hash, hook_name, plugin_key",
         ((n, 1, size, "PRE", stamp(plan.as_of - 90 * DAY),
           stamp(plan.as_of - 90 * DAY), digest, name, APPS[0][0])
          for n, name, size, digest in hooks))
    copy(out, "bb_alert",
         "details_json, id, issue_component_id, issue_id, issue_severity,"
         ' node_name, "timestamp", trigger_plugin_key, trigger_plugin_version',
         [(json.dumps({"ms": 5200, "text": "slow \u263a"}), 1, "EVENTSYSTEM",
           "EVENTSYSTEM-2000", 1, "bb-node-1", (plan.as_of - DAY) * 1000,
           APPS[0][0], APPS[0][1])])
    copy(out, "cwd_directory",
         "id, directory_name, impl_class, directory_type, is_active",
         [(32769, "Internal", "com.example.InternalDirectory", "INTERNAL", "T"),
          (32771, "LDAP", "com.example.LdapDirectory", "CONNECTOR", "T")])


def write_audit_events(out, plan):
    """Rows in order of time, so that new ones come at the table's end."""
    r = rng(plan.seed, "audit rows")
    table = '"AO_C77861_AUDIT_ENTITY"'
    resources = ['[{"id":"%d","name":"%s","type":"REPOSITORY"}]' % (
        repo.id, repo.slug) for repo in plan.repositories]
    first = (plan.as_of - 200 * DAY) * 1000
    step = max(1, 200 * DAY * 1000 // max(1, plan.audit_rows))
    copy(out, table, '"ID", "ACTION", "AREA", "CATEGORY", "ENTITY_TIMESTAMP",'
         ' "NODE", "RESOURCES", "SOURCE", "USER_NAME"',
         ((n, "Repository accessed", "END_USER_ACTIVITY", "Repositories",
           first + n * step, "bb-node-%d" % r.randint(1, plan.nodes),
           r.choice(resources), "192.0.2.%d" % r.randint(10, 250),
           r.choice(plan.users)) for n in range(1, plan.audit_rows + 1)))
    out.write("SELECT setval('\"AO_C77861_AUDIT_ENTITY_ID_seq\"', %d);\n"
              % max(1, plan.audit_rows))


def write_large_objects(out, plan):
    if not plan.large_objects:
        return
    r = rng(plan.seed, "large objects")
    out.write('CREATE TABLE "AO_A0B0C0_BLOB" ("ID" serial PRIMARY KEY,'
              ' "CONTENT" oid NOT NULL);\n')
    for n in range(plan.large_objects):
        out.write('INSERT INTO "AO_A0B0C0_BLOB" ("CONTENT") VALUES'
                  " (lo_from_bytea(0, '\\x%s'));\n" % r.randbytes(5000).hex())


def build(plan, hooks, out):
    """Writes the script to OUT."""
    out.write("\\set ON_ERROR_STOP on\n" + ROLES % SECRETS)
    if plan.schema != "public":
        out.write("CREATE SCHEMA %(s)s AUTHORIZATION bitbucket;\n"
                  "ALTER ROLE bitbucket IN DATABASE bitbucket"
                  " SET search_path = %(s)s;\n" % {"s": plan.schema})
    out.write("BEGIN;\nSET SESSION AUTHORIZATION bitbucket;\n"
              "SET search_path = %s;\n" % plan.schema)
    with open(HERE + "/schema.sql", encoding="utf-8") as f:
        out.write(f.read())
    write_repositories(out, plan)
    request, activity = write_pull_requests(out, plan)
    write_application(out, plan, hooks)
    copy(out, "id_sequence", "sequence_name, next_val",
         (("project", len(plan.projects) + 1),
          ("repository", len(plan.repositories) + 1),
          ("sta_pull_request", request), ("sta_activity", activity),
          ("bb_attachment", 1000 * (len(plan.repositories) + 1))))
    write_audit_events(out, plan)
    write_large_objects(out, plan)
    out.write("GRANT USAGE ON SCHEMA %s TO gonogo_audit;\n"
              % plan.schema if plan.schema != "public" else "")
    out.write("GRANT SELECT ON %s TO gonogo_audit;\n" % ", ".join(AUDITED))
    out.write("COMMIT;\n")
