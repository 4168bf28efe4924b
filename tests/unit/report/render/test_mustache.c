/*
 * The core of the public Mustache specification, rule by rule: each row is a
 * template, a model and what the rule says comes out.
 */
#include "tests/unit/unit.h"

#include "base/error.h"
#include "report/render/escape.h"
#include "report/render/mustache.h"

struct row {
	const char *template, *model, *wanted;
	const char *partials; /* JSON object: name -> text; NULL: none */
};

static char *partial(const char *name, void *user)
{
	return user ? g_strdup(json_text(json_member(user, name), "")) : NULL;
}

static char *render(const struct row *row, GError **error)
{
	g_autoptr(json) partials =
	    row->partials ? json_parse(row->partials, strlen(row->partials),
				"partials", NULL)
			  : NULL;
	g_autoptr(json) model =
	    json_parse(row->model, strlen(row->model), "model", NULL);
	const struct mustache how = {escape_html, partial, partials};

	assert_non_null(model);
	assert_true(!row->partials || partials);
	return mustache_render(row->template, "t", model, &how, error);
}

static void expect(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = render(&rows[i], &error);
		if (!text)
			print_error(
			    "%s: %s\n", rows[i].template, error->message);
		assert_non_null(text);
		assert_string_equal(text, rows[i].wanted);
	}
}
#define EXPECT(rows) expect(rows, G_N_ELEMENTS(rows))

static void names_are_filled_in(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"Hello from {Mustache}!\n", "{}", "Hello from {Mustache}!\n"},
	    {"Hello, {{subject}}!\n", "{\"subject\":\"world\"}",
		"Hello, world!\n"},
	    {"{{string}}: {{string}}", "{\"string\":\"{{x}}\"}",
		"{{x}}: {{x}}"},
	    {"{{v}}", "{\"v\":\"& \\\" < >\"}", "&amp; &quot; &lt; &gt;"},
	    {"{{{v}}}", "{\"v\":\"& \\\" < >\"}", "& \" < >"},
	    {"{{&v}}", "{\"v\":\"& \\\" < >\"}", "& \" < >"},
	    {"{{n}} {{{n}}} {{&n}}", "{\"n\":85}", "85 85 85"},
	    {"{{n}}", "{\"n\":1.21}", "1.21"},
	    {"I ({{v}}) be seen!", "{\"v\":null}", "I () be seen!"},
	    {"I ({{v}}) be seen!", "{}", "I () be seen!"},
	    {"{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"deep\"}}}", "deep"},
	    {"{{a.b.c}}", "{\"a\":{}}", ""},
	    {"{{a.b.c.name}}", "{\"a\":{\"b\":{}},\"c\":{\"name\":\"Jim\"}}",
		""},
	    {"{{#a}}{{b.name}}{{/a}}",
		"{\"a\":{\"b\":{\"name\":\"Phil\"}},\"b\":{\"name\":\"X\"}}",
		"Phil"},
	    /* What the first part is found in decides: no second try. */
	    {"{{#a}}{{b.c}}{{/a}}",
		"{\"a\":{\"b\":{}},\"b\":{\"c\":\"ERROR\"}}", ""},
	    {"{{.}}", "\"world\"", "world"},
	    {"{{{.}}}", "\"& <\"", "& <"},
	    {"| {{s}} |", "{\"s\":\"---\"}", "| --- |"},
	    {"  {{s}}\n", "{\"s\":\"---\"}", "  ---\n"},
	    {"|{{ s }}|{{{ s }}}|{{& s }}|", "{\"s\":\"-\"}", "|-|-|-|"},
	    {"{{\ns\n}}", "{\"s\":\"-\"}", "-"},
	};
	EXPECT(rows);
}

static void sections_repeat_or_vanish(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"\"{{#b}}This should be rendered.{{/b}}\"", "{\"b\":true}",
		"\"This should be rendered.\""},
	    {"\"{{#b}}no{{/b}}\"", "{\"b\":false}", "\"\""},
	    {"\"{{#b}}no{{/b}}\"", "{\"b\":null}", "\"\""},
	    {"\"{{#b}}no{{/b}}\"", "{}", "\"\""},
	    {"\"{{#b}}no{{/b}}\"", "{\"b\":[]}", "\"\""},
	    {"{{#c}}Hi {{name}}.{{/c}}", "{\"c\":{\"name\":\"Joe\"}}",
		"Hi Joe."},
	    {"{{#sec}}{{a}}, {{b}}, {{c.d}}{{/sec}}",
		"{\"a\":\"foo\",\"b\":\"wrong\","
		"\"sec\":{\"b\":\"bar\"},\"c\":{\"d\":\"baz\"}}",
		"foo, bar, baz"},
	    {"{{#foo}}{{.}} is {{foo}}{{/foo}}", "{\"foo\":\"bar\"}",
		"bar is bar"},
	    {"{{#tops}}{{#middles}}{{tname.lower}}{{mname}}.{{#bottoms}}"
	     "{{tname.upper}}{{mname}}{{bname}}.{{/bottoms}}{{/middles}}"
	     "{{/tops}}",
		"{\"tops\":[{\"tname\":{\"upper\":\"A\",\"lower\":\"a\"},"
		"\"middles\":[{\"mname\":\"1\",\"bottoms\":"
		"[{\"bname\":\"x\"},{\"bname\":\"y\"}]}]}]}",
		"a1.A1x.A1y."},
	    {"{{#l}}{{item}}{{/l}}",
		"{\"l\":[{\"item\":1},{\"item\":2},{\"item\":3}]}", "123"},
	    {"| A {{#b}}B {{#c}}C{{/c}} D{{/b}} E |",
		"{\"b\":true,\"c\":false}", "| A B  D E |"},
	    {"\"{{#l}}({{.}}){{/l}}\"", "{\"l\":[\"a\",1,2.5,\"<\"]}",
		"\"(a)(1)(2.5)(&lt;)\""},
	    {"\"{{#l}}({{#.}}{{.}}{{/.}}){{/l}}\"",
		"{\"l\":[[1,2],[\"a\",\"b\"]]}", "\"(12)(ab)\""},
	    {"{{#.}}({{value}}){{/.}}", "[{\"value\":\"a\"},{\"value\":1}]",
		"(a)(1)"},
	    {"\"{{#a.b.c}}Here{{/a.b.c}}\"", "{\"a\":{\"b\":{\"c\":true}}}",
		"\"Here\""},
	    {"\"{{#a.b.c}}Here{{/a.b.c}}\"", "{\"a\":{}}", "\"\""},
	    {"|{{# b }}={{/ b }}|", "{\"b\":true}", "|=|"},
	};
	EXPECT(rows);
}

static void lines_of_tags_alone_vanish(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"| This Is\n{{#b}}\n|\n{{/b}}\n| A Line\n", "{\"b\":true}",
		"| This Is\n|\n| A Line\n"},
	    {"| This Is\n  {{#b}}\t\n|\n\t {{/b}} \n| A Line\n", "{\"b\":true}",
		"| This Is\n|\n| A Line\n"},
	    {"|\r\n{{#b}}\r\n{{/b}}\r\n|", "{\"b\":true}", "|\r\n|"},
	    {"  {{#b}}\n#{{/b}}\n/", "{\"b\":true}", "#\n/"},
	    {"#{{#b}}\n/\n  {{/b}}", "{\"b\":true}", "#\n/\n"},
	    {" | {{#b}}\t|\t{{/b}} | \n", "{\"b\":true}", " | \t|\t | \n"},
	    {" | {{#b}} {{! x }}\n {{/b}} | \n", "{\"b\":true}",
		" |  \n  | \n"},
	    {" {{#b}}YES{{/b}}\n {{#b}}GOOD{{/b}}\n", "{\"b\":true}",
		" YES\n GOOD\n"},
	    {"| This Is\n{{^b}}\n|\n{{/b}}\n| A Line\n", "{\"b\":false}",
		"| This Is\n|\n| A Line\n"},
	    {"a\n  {{s}}\nb\n", "{\"s\":\"-\"}", "a\n  -\nb\n"},
	    {"a\n  {{{s}}}\nb\n  {{&s}}\n", "{\"s\":\"-\"}",
		"a\n  -\nb\n  -\n"},
	};
	EXPECT(rows);
}

static void inverted_sections_are_the_other_half(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"\"{{^b}}yes{{/b}}\"", "{\"b\":false}", "\"yes\""},
	    {"\"{{^b}}yes{{/b}}\"", "{\"b\":null}", "\"yes\""},
	    {"\"{{^b}}yes{{/b}}\"", "{}", "\"yes\""},
	    {"\"{{^b}}yes{{/b}}\"", "{\"b\":[]}", "\"yes\""},
	    {"\"{{^b}}no{{/b}}\"", "{\"b\":true}", "\"\""},
	    {"\"{{^b}}no{{/b}}\"", "{\"b\":{\"n\":1}}", "\"\""},
	    {"\"{{^b}}no{{/b}}\"", "{\"b\":[{\"n\":1}]}", "\"\""},
	    {"| A {{^b}}B {{^b}}C{{/b}} D{{/b}} E |", "{\"b\":false}",
		"| A B C D E |"},
	    {"\"{{^a.b.c}}Not{{/a.b.c}}\"", "{\"a\":{}}", "\"Not\""},
	    {"\"{{^a.b}}Not{{/a.b}}\"", "{\"a\":{\"b\":true}}", "\"\""},
	};
	EXPECT(rows);
}

static void comments_leave_nothing(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"12345{{! Comment Block! }}67890", "{}", "1234567890"},
	    {"12345{{!\n  a\n  b\n}}67890\n", "{}", "1234567890\n"},
	    {"Begin.\n{{! Comment Block! }}\nEnd.\n", "{}", "Begin.\nEnd.\n"},
	    {"Begin.\n  {{! Indented }}\nEnd.\n", "{}", "Begin.\nEnd.\n"},
	    {"|\r\n{{! Standalone }}\r\n|", "{}", "|\r\n|"},
	    {"  {{! I'm Still Standalone }}\n!", "{}", "!"},
	    {"!\n  {{! I'm Still Standalone }}", "{}", "!\n"},
	    {"Begin.\n{{!\nSomething's going on here...\n}}\nEnd.\n", "{}",
		"Begin.\nEnd.\n"},
	    {"  12 {{! 34 }}\n", "{}", "  12 \n"},
	    {"12345 {{! Comment }} 67890", "{}", "12345  67890"},
	    {"{{! name }}", "{\"! name\":1}", ""},
	};
	EXPECT(rows);
}

static void delimiters_can_be_set(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"{{=<% %>=}}(<%text%>)", "{\"text\":\"Hey!\"}", "(Hey!)"},
	    {"({{=[ ]=}}[text])", "{\"text\":\"It worked!\"}", "(It worked!)"},
	    {"{{=| |=}}|{x}||&x||x|", "{\"x\":\"<\"}", "<<&lt;"},
	    {"[\n{{#s}}\n  {{data}}\n  |data|\n{{/s}}\n\n{{= | | =}}\n|#s|\n"
	     "  {{data}}\n  |data|\n|/s|\n]\n",
		"{\"s\":true,\"data\":\"I got interpolated.\"}",
		"[\n  I got interpolated.\n  |data|\n\n  {{data}}\n"
		"  I got interpolated.\n]\n"},
	    {"| {{=@ @=}} |", "{}", "|  |"},
	    {" | {{=@ @=}}\n", "{}", " | \n"},
	    {"Begin.\n{{=@ @=}}\nEnd.\n", "{}", "Begin.\nEnd.\n"},
	    {"Begin.\n  {{=@ @=}}\nEnd.\n", "{}", "Begin.\nEnd.\n"},
	    {"|\r\n{{= @ @ =}}\r\n|", "{}", "|\r\n|"},
	    {"  {{=@ @=}}\n=", "{}", "="},
	    {"=\n  {{=@ @=}}", "{}", "=\n"},
	    {"|{{= @   @ =}}|", "{}", "||"},
	    /* They hold for one text, not for its partials, nor back. */
	    {"[ {{>include}} ]\n{{= | | =}}\n[ |>include| ]\n",
		"{\"value\":\"yes\"}", "[ .yes. ]\n[ .yes. ]\n",
		"{\"include\":\".{{value}}.\"}"},
	    {"[ {{>include}} ]\n[ .{{value}}.  .|value|. ]\n",
		"{\"value\":\"yes\"}",
		"[ .yes.  .yes. ]\n[ .yes.  .|value|. ]\n",
		"{\"include\":\".{{value}}. {{= | | =}} .|value|.\"}"},
	};
	EXPECT(rows);
}

static void partials_are_put_in_with_their_indentation(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"\"{{>text}}\"", "{}", "\"from partial\"",
		"{\"text\":\"from partial\"}"},
	    {"\"{{>text}}\"", "{}", "\"\"", "{}"},
	    {"\"{{>text}}\"", "{}", "\"\"", NULL},
	    {"\"{{>partial}}\"", "{\"text\":\"content\"}", "\"*content*\"",
		"{\"partial\":\"*{{text}}*\"}"},
	    {"{{>node}}",
		"{\"content\":\"X\",\"nodes\":"
		"[{\"content\":\"Y\",\"nodes\":[]}]}",
		"X<Y<>>",
		"{\"node\":\"{{content}}<{{#nodes}}{{>node}}{{/nodes}}>\"}"},
	    {"{{>outer}}", "{\"a\":\"hello\",\"b\":\"world\"}",
		"*hello world!*",
		"{\"outer\":\"*{{a}} {{>inner}}*\",\"inner\":\"{{b}}!\"}"},
	    {"| {{>partial}} |", "{}", "| \t|\t |",
		"{\"partial\":\"\\t|\\t\"}"},
	    {"  {{data}}  {{> partial}}\n", "{\"data\":\"|\"}", "  |  >\n>\n",
		"{\"partial\":\">\\n>\"}"},
	    {"|\r\n{{>partial}}\r\n|", "{}", "|\r\n>|", "{\"partial\":\">\"}"},
	    {"  {{>partial}}\n>", "{}", "  >\n  >>", "{\"partial\":\">\\n>\"}"},
	    {">\n  {{>partial}}", "{}", ">\n  >\n  >",
		"{\"partial\":\">\\n>\"}"},
	    /* The partial's lines are indented, not what is filled in. */
	    {"\\\n {{>partial}}\n/\n", "{\"content\":\"<\\n->\"}",
		"\\\n |\n <\n->\n |\n/\n",
		"{\"partial\":\"|\\n{{{content}}}\\n|\\n\"}"},
	    {"|{{> partial }}|", "{\"boolean\":true}", "|[]|",
		"{\"partial\":\"[]\"}"},
	};
	EXPECT(rows);
}

static void what_is_not_well_formed_is_refused_with_its_line(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"{{#a}}", "{}", "t:1: section 'a' is not closed"},
	    {"\n\n{{/a}}", "{}", "t:3: section 'a' ends here but began"},
	    {"{{#a}}\n{{#b}}\n{{/a}}{{/b}}", "{}",
		"t:3: section 'a' ends here, but 'b' is the open one"},
	    {"x\n{{a", "{}", "t:2: this tag is not closed"},
	    {"{{{a}}", "{}", "t:1: this tag is not closed"},
	    {"{{}}", "{}", "t:1: '': a tag holds one name"},
	    {"{{a b}}", "{}", "t:1: 'a b': a tag holds one name"},
	    {"{{=a=}}", "{}", "delimiters are two words"},
	    {"{{=a b c=}}", "{}", "delimiters are two words"},
	    {"{{= = =}}", "{}", "delimiters are two words"},
	    {"{{>p}}", "{}", "p:2: this tag is not closed",
		"{\"p\":\"\\n{{\"}"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = render(&rows[i], &error);
		if (text)
			print_error("%s\n", rows[i].template);
		assert_null(text);
		assert_int_equal(error->code, GONOGO_ERROR_DATA);
		if (!strstr(error->message, rows[i].wanted))
			print_error("%s\n", error->message);
		assert_non_null(strstr(error->message, rows[i].wanted));
	}
}

static void a_template_without_end_is_stopped(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"{{>p}}", "{}", "nested too deep", "{\"p\":\"{{>p}}\"}"},
	    {"{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}x{{/l}}{{/l}}"
	     "{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}",
		"{\"l\":[1,2,3,4,5,6,7,8,9,10]}", "steps"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		assert_null(render(&rows[i], &error));
		assert_non_null(strstr(error->message, rows[i].wanted));
	}
	g_autoptr(GString) deep = g_string_new(NULL);
	for (int i = 0; i < 100; i++)
		g_string_append(deep, "{{#a}}");
	const struct row row = {deep->str, "{}", "nested too deep"};
	g_autoptr(GError) error = NULL;
	assert_null(render(&row, &error));
	assert_non_null(strstr(error->message, row.wanted));
}

/* Splices of template words in any order end, one way or the other. */
static void any_text_is_rendered_or_refused(void **state)
{
	(void)state;
	static const char *const words[] = {"{{", "}}", "{", "}", "#", "^", "/",
	    ">", "!", "&", "=", "{{#a}}", "{{/a}}", "{{^a}}", "{{>p}}",
	    "{{=| |=}}", "|", "a", ".", "a.b", " ", "\n", "\r\n", "\t", "<"};
	g_autoptr(GRand) chance = g_rand_new_with_seed(20260801);
	int rendered = 0, refused = 0;

	for (int i = 0; i < 20000; i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		gint length = g_rand_int_range(chance, 0, 24);
		for (gint j = 0; j < length; j++)
			g_string_append(text, words[g_rand_int_range(chance, 0,
						  G_N_ELEMENTS(words))]);
		const struct row row = {text->str,
		    "{\"a\":[{\"b\":\"<\"},{\"a\":0}],\"p\":1}", NULL,
		    "{\"p\":\"[{{a}}{{#a}}x{{/a}}]\"}"};
		g_autoptr(GError) error = NULL;
		g_autofree char *out = render(&row, &error);
		assert_true((out != NULL) != (error != NULL));
		rendered += out != NULL;
		refused += out == NULL;
	}
	assert_true(rendered > 1000);
	assert_true(refused > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_filled_in),
	    cmocka_unit_test(sections_repeat_or_vanish),
	    cmocka_unit_test(lines_of_tags_alone_vanish),
	    cmocka_unit_test(inverted_sections_are_the_other_half),
	    cmocka_unit_test(comments_leave_nothing),
	    cmocka_unit_test(delimiters_can_be_set),
	    cmocka_unit_test(partials_are_put_in_with_their_indentation),
	    cmocka_unit_test(what_is_not_well_formed_is_refused_with_its_line),
	    cmocka_unit_test(a_template_without_end_is_stopped),
	    cmocka_unit_test(any_text_is_rendered_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
