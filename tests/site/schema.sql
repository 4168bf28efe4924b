-- The tables of the product that gonogo knows, as docs/sources.md lists them.
-- Where only a table's name is known, its columns are the fewest that serve.

CREATE TABLE project (
	id integer PRIMARY KEY,
	name varchar(128) NOT NULL,
	project_key varchar(128) NOT NULL,
	description varchar(255),
	project_type integer NOT NULL,
	namespace varchar(128) NOT NULL,
	UNIQUE (namespace, project_key)
);
CREATE TABLE bb_data_store (
	id bigint PRIMARY KEY,
	ds_path varchar(128) NOT NULL UNIQUE,
	ds_uuid varchar(40) NOT NULL UNIQUE
);
CREATE TABLE repository (
	id integer PRIMARY KEY,
	slug varchar(128) NOT NULL,
	name varchar(128) NOT NULL,
	state integer NOT NULL,
	project_id integer NOT NULL REFERENCES project,
	scm_id varchar(255) NOT NULL,
	hierarchy_id varchar(20) NOT NULL,
	is_forkable boolean NOT NULL,
	is_public boolean NOT NULL,
	store_id bigint CONSTRAINT fk_repository_store_id REFERENCES bb_data_store,
	description varchar(255),
	partition_id integer,
	is_read_only boolean NOT NULL,
	is_archived boolean NOT NULL,
	UNIQUE (project_id, slug)
);
CREATE INDEX idx_repository_hierarchy_id ON repository (hierarchy_id);
CREATE TABLE sta_repo_origin (
	repository_id integer PRIMARY KEY REFERENCES repository ON DELETE CASCADE,
	origin_id integer NOT NULL REFERENCES repository
);
CREATE TABLE sta_pull_request (
	id bigint PRIMARY KEY,
	entity_version integer NOT NULL,
	scoped_id bigint NOT NULL,
	pr_state integer NOT NULL,
	created_timestamp timestamp NOT NULL,
	updated_timestamp timestamp NOT NULL,
	from_repository_id integer NOT NULL REFERENCES repository,
	to_repository_id integer NOT NULL REFERENCES repository ON DELETE CASCADE,
	from_branch_fqn varchar(1024) NOT NULL,
	to_branch_fqn varchar(1024) NOT NULL,
	from_branch_name varchar(255) NOT NULL,
	to_branch_name varchar(255) NOT NULL,
	from_hash varchar(40) NOT NULL,
	to_hash varchar(40) NOT NULL,
	title varchar(255) NOT NULL,
	description text,
	locked_timestamp timestamp,
	rescoped_timestamp timestamp NOT NULL,
	closed_timestamp timestamp,
	UNIQUE (to_repository_id, scoped_id)
);
CREATE TABLE sta_pr_merge_activity (
	activity_id bigint PRIMARY KEY,
	hash varchar(40)
);
CREATE TABLE sta_pr_rescope_activity (
	activity_id bigint PRIMARY KEY,
	from_hash varchar(40) NOT NULL,
	to_hash varchar(40) NOT NULL,
	prev_from_hash varchar(40) NOT NULL,
	prev_to_hash varchar(40) NOT NULL
);
CREATE TABLE sta_repo_push_ref (
	activity_id bigint NOT NULL,
	ref_id varchar(1024) NOT NULL,
	from_hash varchar(40) NOT NULL,
	to_hash varchar(40) NOT NULL,
	PRIMARY KEY (activity_id, ref_id)
);
CREATE TABLE bb_pr_commit (
	pr_id bigint NOT NULL REFERENCES sta_pull_request ON DELETE CASCADE,
	commit_id varchar(40) NOT NULL,
	PRIMARY KEY (pr_id, commit_id)
);
CREATE TABLE bb_git_pr_common_ancestor (
	pr_id bigint PRIMARY KEY REFERENCES sta_pull_request ON DELETE CASCADE,
	ancestor_id varchar(40) NOT NULL
);
CREATE TABLE sta_repository_scoped_id (
	repository_id integer NOT NULL REFERENCES repository ON DELETE CASCADE,
	scope_type varchar(255) NOT NULL,
	next_id bigint NOT NULL,
	PRIMARY KEY (repository_id, scope_type)
);
CREATE TABLE app_property (
	prop_key varchar(50) PRIMARY KEY,
	prop_value varchar(2000) NOT NULL
);
CREATE TABLE plugin_setting (
	namespace varchar(255) NOT NULL,
	key_name varchar(255) NOT NULL,
	key_value text NOT NULL,
	id bigint PRIMARY KEY,
	UNIQUE (key_name, namespace)
);
CREATE TABLE plugin_state (
	name varchar(255) PRIMARY KEY,
	enabled boolean NOT NULL,
	updated_timestamp bigint NOT NULL
);
CREATE TABLE id_sequence (
	sequence_name varchar(255) PRIMARY KEY,
	next_val bigint NOT NULL
);
CREATE TABLE hibernate_unique_key (
	next_hi bigint NOT NULL
);
CREATE TABLE databasechangelog (
	id varchar(255) NOT NULL,
	author varchar(255) NOT NULL,
	filename varchar(255) NOT NULL,
	dateexecuted timestamp NOT NULL,
	orderexecuted integer NOT NULL,
	exectype varchar(10) NOT NULL,
	md5sum varchar(35),
	description varchar(255),
	comments varchar(255),
	tag varchar(255),
	liquibase varchar(20),
	contexts varchar(255),
	labels varchar(255),
	deployment_id varchar(10)
);
CREATE TABLE databasechangeloglock (
	id integer PRIMARY KEY,
	locked boolean NOT NULL,
	lockgranted timestamp,
	lockedby varchar(255)
);
CREATE TABLE asyncdblock (
	id integer PRIMARY KEY,
	locked boolean NOT NULL,
	lockgranted timestamp,
	lockedby varchar(255)
);
CREATE TABLE bb_clusteredjob (
	job_id varchar(255) PRIMARY KEY,
	job_runner_key varchar(255) NOT NULL,
	sched_type char(1) NOT NULL,
	interval_millis bigint,
	first_run timestamp,
	cron_expression varchar(255),
	time_zone varchar(64),
	next_run timestamp,
	version bigint,
	parameters bytea
);
CREATE TABLE bb_integrity_event (
	event_key varchar(255) PRIMARY KEY,
	event_timestamp timestamp NOT NULL,
	event_node varchar(255) NOT NULL
);
CREATE TABLE bb_repo_size (
	repo_id integer PRIMARY KEY REFERENCES repository ON DELETE CASCADE,
	total bigint NOT NULL,
	updated_timestamp timestamp NOT NULL
);
CREATE TABLE bb_attachment (
	id bigint PRIMARY KEY,
	repository_id integer REFERENCES repository ON DELETE CASCADE,
	filename varchar(255) NOT NULL
);
CREATE TABLE bb_hook_script (
	id bigint PRIMARY KEY,
	hook_version integer NOT NULL,
	hook_size integer NOT NULL,
	hook_type varchar(255) NOT NULL,
	created_timestamp timestamp NOT NULL,
	updated_timestamp timestamp NOT NULL,
	hook_hash varchar(64) NOT NULL,
	hook_name varchar(255) NOT NULL,
	plugin_key varchar(255) NOT NULL,
	hook_description varchar(255)
);
CREATE TABLE bb_mesh_node (
	id bigint PRIMARY KEY,
	name varchar(64) NOT NULL,
	rpc_url varchar(512) NOT NULL,
	state integer NOT NULL
);
CREATE TABLE bb_mesh_partition_replica (
	partition_id integer NOT NULL,
	node_id bigint NOT NULL REFERENCES bb_mesh_node,
	id bigint PRIMARY KEY,
	state integer NOT NULL
);
CREATE TABLE bb_mesh_repo_replica (
	replica_id bigint NOT NULL REFERENCES bb_mesh_partition_replica,
	repository_id integer NOT NULL REFERENCES repository ON DELETE CASCADE,
	entity_version integer NOT NULL,
	state integer NOT NULL,
	reported_version bigint,
	reported_at timestamp,
	PRIMARY KEY (replica_id, repository_id)
);
CREATE TABLE bb_mesh_migration_job (
	id bigint PRIMARY KEY
);
CREATE TABLE bb_mesh_migration_queue (
	id bigint PRIMARY KEY
);
CREATE TABLE bb_mesh_partition_migration (
	id bigint PRIMARY KEY
);
CREATE TABLE bb_alert (
	details_json json,
	id bigint PRIMARY KEY,
	issue_component_id varchar(255) NOT NULL,
	issue_id varchar(255) NOT NULL,
	issue_severity integer NOT NULL,
	node_name varchar(255) NOT NULL,
	"timestamp" bigint NOT NULL,
	trigger_module varchar(1024),
	trigger_plugin_key varchar(255),
	trigger_plugin_version varchar(255)
);
CREATE TABLE bb_job (
	id bigint PRIMARY KEY,
	state integer NOT NULL,
	progress integer NOT NULL
);
CREATE TABLE bb_job_message (
	id bigint PRIMARY KEY,
	job_id bigint NOT NULL REFERENCES bb_job,
	text text NOT NULL
);
CREATE TABLE bb_project_alias (
	id bigint PRIMARY KEY,
	project_id integer NOT NULL REFERENCES project ON DELETE CASCADE,
	project_key varchar(128) NOT NULL
);
CREATE TABLE bb_repository_alias (
	repository_id integer NOT NULL REFERENCES repository ON DELETE CASCADE,
	project_key varchar(128) NOT NULL,
	slug varchar(128) NOT NULL,
	PRIMARY KEY (project_key, slug)
);
CREATE TABLE cwd_directory (
	id bigint PRIMARY KEY,
	directory_name varchar(255) NOT NULL,
	impl_class varchar(255) NOT NULL,
	directory_type varchar(32) NOT NULL,
	is_active char(1) NOT NULL
);
CREATE TABLE "AO_811463_GIT_LFS_REPO_CONFIG" (
	"IS_ENABLED" boolean NOT NULL,
	"REPOSITORY_ID" integer PRIMARY KEY
);
CREATE TABLE "AO_8E6075_MIRROR_SERVER" (
	"ID" varchar(64) PRIMARY KEY,
	"NAME" varchar(64) NOT NULL,
	"BASE_URL" varchar(255) NOT NULL,
	"PRODUCT_TYPE" varchar(64) NOT NULL,
	"PRODUCT_VERSION" varchar(64) NOT NULL,
	"STATE" varchar(64) NOT NULL,
	"LAST_SEEN" timestamp NOT NULL,
	"ADD_ON_KEY" varchar(64)
);
-- The table that holds most bytes of a large instance.
CREATE TABLE "AO_C77861_AUDIT_ENTITY" (
	"ID" bigserial PRIMARY KEY,
	"ACTION" varchar(255) NOT NULL,
	"AREA" varchar(255) NOT NULL,
	"CATEGORY" varchar(255),
	"ENTITY_TIMESTAMP" bigint NOT NULL,
	"NODE" varchar(255),
	"RESOURCES" text,
	"SOURCE" varchar(255),
	"USER_NAME" varchar(255)
);
CREATE INDEX "index_ao_c77861_audit_entity_timestamp"
	ON "AO_C77861_AUDIT_ENTITY" ("ENTITY_TIMESTAMP");
