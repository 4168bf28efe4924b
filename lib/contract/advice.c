#include "contract/advice.h"

const char *const advice_answer_names[] = {"no", "yes", "if", NULL};

#define AT(member) offsetof(struct advice_strategy, member)
static const struct field strategy_fields[] = {
    {"strategy", FIELD_STRING, AT(strategy), .must = true},
    {"here", FIELD_CHOICE, AT(here), .choices = advice_answer_names},
    {"mode", FIELD_STRING, AT(mode)},
    {"why", FIELD_STRING, AT(why)},
    {0},
};
#undef AT
const struct shape advice_strategy_shape = {
    "advice_strategy", sizeof(struct advice_strategy), strategy_fields};

#define AT(member) offsetof(struct advice, member)
static const struct field advice_fields[] = {
    {"repositories", FIELD_NUMBER, AT(repositories)},
    {"looks", FIELD_NUMBER, AT(looks)},
    {"look_us", FIELD_NUMBER, AT(look_us)},
    {"still_ms", FIELD_NUMBER, AT(still_ms)},
    {"strategies", FIELD_LIST, AT(strategies), .shape = &advice_strategy_shape},
    {"recommended", FIELD_STRING, AT(recommended)},
    {0},
};
#undef AT
const struct shape advice_shape = {
    "advice", sizeof(struct advice), advice_fields};

void advice_clear(struct advice *a)
{
	shape_clear(&advice_shape, a);
}
