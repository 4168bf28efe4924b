#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bitbucket/properties.h"

static void lines_are_read_as_java_reads_them(void **state)
{
	(void)state;
	static const struct {
		const char *text, *key, *value;
	} cases[] = {
	    {"a=b", "a", "b"},
	    {"a:b", "a", "b"},
	    {"a b", "a", "b"},
	    {" \ta \t=\f b c ", "a", "b c "},
	    {"a = : b", "a", ": b"},
	    {"a==b", "a", "=b"},
	    {"a", "a", ""},
	    {"a=", "a", ""},
	    {"=b", "", "b"},
	    {"a\\ b\\:c\\=d=e", "a b:c=d", "e"},
	    {"a=b\\\n   c\\\r\n\td", "a", "bcd"},
	    {"a=b\\\\\nc=d", "a", "b\\"},
	    {"a\\\n  b=c", "ab", "c"},
	    {"a=b\\\n# no comment", "a", "b# no comment"},
	    {"# x\\\na=b", "a", "b"},
	    {"  ! x\r\ra=b", "a", "b"},
	    {"a=1\r\na=2\na = 3", "a", "3"},
	    {"a=\\t\\n\\r\\f\\q\\\\", "a", "\t\n\r\fq\\"},
	    {"a=\\u00e4\\u20AC", "a", "\xc3\xa4\xe2\x82\xac"},
	    {"a=\\ud83d\\ude00", "a", "\xf0\x9f\x98\x80"},
	    {"a=\\ud83dx\\u0000", "a", "\xef\xbf\xbdx\xef\xbf\xbd"},
	    {"a=\\u12", "a", "u12"},
	    {"a=b\\", "a", "b"},
	    {"a=\xe4", "a", "\xc3\xa4"}, /* Latin-1 */
	    {"a=\xc3\xa4", "a", "\xc3\xa4"},
	    {"jdbc.url=jdbc\\:postgresql\\://h\\:5432/b", "jdbc.url",
		"jdbc:postgresql://h:5432/b"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GHashTable) table = properties_parse(cases[i].text);
		const char *value = g_hash_table_lookup(table, cases[i].key);

		if (g_strcmp0(value, cases[i].value) != 0)
			fail_msg("%s: '%s'", cases[i].text, value);
	}
}

static void what_is_no_property_adds_none(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "", "\n\n", "# a=b", "  !a=b\n\t\r\n", "\\\n", " \\\n \n"};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GHashTable) table = properties_parse(texts[i]);

		if (g_hash_table_size(table) != 0)
			fail_msg("case %zu", i);
	}
}

static void secrets_are_known_by_their_names(void **state)
{
	(void)state;
	static const char *const secret[] = {"jdbc.password", "setup.license",
	    "plugin.mail.PASSWD", "hazelcast.group.password", "api.token",
	    "sso.clientSecret", "encryption.key", "x.apiKey", "aws.credentials",
	    "setup.sysadmin.password", "server.ssl.key-password", "licence"};
	static const char *const plain[] = {"jdbc.url", "jdbc.user",
	    "server.port", "server.ssl.key-store", "hazelcast.network.tcpip",
	    "plugin.search.config.baseurl", "feature.websudo", "keyboard"};

	for (size_t i = 0; i < G_N_ELEMENTS(secret); i++)
		if (!properties_is_secret(secret[i]))
			fail_msg("%s", secret[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(plain); i++)
		if (properties_is_secret(plain[i]))
			fail_msg("%s", plain[i]);
}

static void only_the_secrets_of_a_text_are_hidden(void **state)
{
	(void)state;
	static const struct {
		const char *text, *shown;
	} cases[] = {
	    {"# the home\n\njdbc.user = bb\r\njdbc.password = s3cret\r\n"
	     "server.port=7990",
		"# the home\n\njdbc.user = bb\r\njdbc.password = "
		"<jdbc.password>\r\nserver.port=7990"},
	    {"jdbc.password=s3\\\n   cret\na=b\\\n  c\n",
		"jdbc.password=<jdbc.password>\na=b\\\n  c\n"},
	    {"jdbc.pass\\\n  word=s3cret\n",
		"jdbc.pass\\\n  word=<jdbc.password>\n"},
	    {"jdbc.pass\\u0077ord=s3cret",
		"jdbc.pass\\u0077ord=<jdbc.password>"},
	    {"jdbc.password=", "jdbc.password="},
	    {"jdbc.password s3cret", "jdbc.password <jdbc.password>"},
	    {"a=http://u:s3cret@h:1/p?x=y", "a=http://<login>@h:1/p?x=y"},
	    {"a=http\\://u\\:s3cret@h/p", "a=http://<login>@h/p"},
	    {"a=http://u:p/s3cret@h/p", "a=http://<login>@h/p"},
	    {"a=http://h:7990/x@y", "a=http://h:7990/x@y"},
	    {"jdbc.url=jdbc:postgresql://h1:5432,h2:5432/b?user=u&"
	     "password=s3cret&ssl=true",
		"jdbc.url=jdbc:postgresql://h1:5432,h2:5432/b?user=u&"
		"password=<secret>&ssl=true"},
	    {"jdbc.url=jdbc:sqlserver://h;Password=s3cret;a=b",
		"jdbc.url=jdbc:sqlserver://h;Password=<secret>;a=b"},
	    {"#jdbc.password=s3cret\n!a=b\n",
		"#jdbc.password=<jdbc.password>\n!a=b\n"},
	    {"# the old password was s3cret\n",
		"# the old password <secret>\n"},
	    {"# ask ops for the password\n", "# ask ops for the password\n"},
	    {"# encryption.key: s3cret", "# encryption.key: <encryption.key>"},
	    {"# see http://u:s3cret@h/", "# see http://<login>@h/"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *shown = properties_redact(cases[i].text);
		assert_string_equal(shown, cases[i].shown);
	}
}

/* Whatever the text is, what is not secret is still read from it. */
static void a_redacted_text_reads_as_before(void **state)
{
	(void)state;
	const char *text = "a=1\\\n 2\nb\\:c = \\u00e4\njdbc.password=x\n"
			   "url=http\\://u\\:p@h/\\\\x\\ty\n";
	g_autofree char *shown = properties_redact(text);
	g_autoptr(GHashTable) before = properties_parse(text);
	g_autoptr(GHashTable) after = properties_parse(shown);

	assert_int_equal(g_hash_table_size(after), g_hash_table_size(before));
	assert_string_equal(g_hash_table_lookup(after, "a"), "12");
	assert_string_equal(g_hash_table_lookup(after, "b:c"), "\xc3\xa4");
	assert_string_equal(
	    g_hash_table_lookup(after, "url"), "http://<login>@h/\\x\ty");
	assert_string_equal(
	    g_hash_table_lookup(after, "jdbc.password"), "<jdbc.password>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_read_as_java_reads_them),
	    cmocka_unit_test(what_is_no_property_adds_none),
	    cmocka_unit_test(secrets_are_known_by_their_names),
	    cmocka_unit_test(only_the_secrets_of_a_text_are_hidden),
	    cmocka_unit_test(a_redacted_text_reads_as_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
