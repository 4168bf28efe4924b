/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bitbucket/jdbc.h"

#define PG "jdbc:postgresql:"

static void a_jdbc_url_becomes_one_of_libpq(void **state)
{
	(void)state;
	static const struct {
		const char *jdbc, *user, *url;
	} cases[] = {
	    {PG "//db.example.com:5432/bitbucket", "bb",
		"postgresql://bb@db.example.com:5432/bitbucket"},
	    {PG "//db/bitbucket", NULL, "postgresql://db/bitbucket"},
	    {PG "bitbucket", NULL, "postgresql://localhost/bitbucket"},
	    {PG "/", NULL, "postgresql://localhost/"},
	    {PG "///bitbucket", NULL, "postgresql://localhost/bitbucket"},
	    {PG "//[2001:db8::1]:5433/b", NULL,
		"postgresql://[2001:db8::1]:5433/b"},
	    {PG "//[::1]/b", NULL, "postgresql://[::1]/b"},
	    {PG "//h1:5432,h2:5433,h3/b?targetServerType=primary", NULL,
		"postgresql://h1:5432,h2:5433,h3/b"
		"?target_session_attrs=primary"},
	    {PG "//h/a%20b", "o'k@x", "postgresql://o%27k%40x@h/a%20b"},
	    {PG "//h/b?currentSchema=bb,public", NULL,
		"postgresql://h/b?options=-c%20search_path%3Dbb%2Cpublic"},
	    {PG "//h/b?currentSchema=%22My%20One%22&ssl=true", NULL,
		"postgresql://h/b?options=-c%20search_path%3D%22My%5C%20One"
		"%22&sslmode=verify-full"},
	    {PG "//h/b?ssl", NULL, "postgresql://h/b?sslmode=verify-full"},
	    {PG "//h/b?ssl=false", NULL, "postgresql://h/b"},
	    {PG "//h/b?ssl=true&sslfactory=org.postgresql.ssl."
		"NonValidatingFactory",
		NULL, "postgresql://h/b?sslmode=require"},
	    {PG "//h/b?sslmode=prefer&ssl=true&sslrootcert=/etc/ca.pem", NULL,
		"postgresql://h/b?sslmode=prefer&sslrootcert=%2Fetc%2Fca.pem"},
	    {PG "//h/b?user=x&password=s3cret&prepareThreshold=0", "bb",
		"postgresql://bb@h/b"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *url =
		    jdbc_pg_url(cases[i].jdbc, cases[i].user, &error);

		if (!url)
			fail_msg("%s: %s", cases[i].jdbc, error->message);
		assert_string_equal(url, cases[i].url);
	}
}

static void any_other_database_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *jdbc, *says;
	} cases[] = {
	    {"jdbc:oracle:thin:s3cret/x@//h:1521/b", "is oracle, not"},
	    {"jdbc:sqlserver://h;password=s3cret", "is sqlserver, not"},
	    {"jdbc:mysql://h/b", "is mysql, not"},
	    {"jdbc:h2:file:/x", "is h2, not"},
	    {"jdbc:postgresqlx://h/b", "is postgresqlx, not"},
	    {"postgresql://u:s3cret@h/b", "not a JDBC URL"},
	    {"", "not a JDBC URL"},
	    {PG "//u:s3cret@h/b", "host or port cannot be read"},
	    {PG "//h:99999/b", "host or port"},
	    {PG "//h:/b", "host or port"},
	    {PG "//[::1/b", "host or port"},
	    {PG "//[::1]x/b", "host or port"},
	    {PG "//h,[]/b", "host or port"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		if (jdbc_pg_url(cases[i].jdbc, "u", &error))
			fail_msg("%s", cases[i].jdbc);
		assert_int_equal(error->code, GONOGO_ERROR_DATA);
		assert_non_null(strstr(error->message, cases[i].says));
		assert_null(strstr(error->message, "s3cret"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_jdbc_url_becomes_one_of_libpq),
	    cmocka_unit_test(any_other_database_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
