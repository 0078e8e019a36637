#include "template_rows.h"

static const struct template_row rows[] = {
	{ "{{print}}", "" },
	{ "{{print .i .n .s .t}}", "42 -7webtrue" },
	{ "{{print 1 2 \"a\" \"b\" 3 4.5 true nil}}", "1 2ab3 4.5 true <nil>" },
	{ "{{println 1 2 \"a\"}}", "1 2 a\n" },
	{ "{{println}}", "\n" },
	{ "{{println .l .nul .missing}}", "[a b c] <nil> <nil>\n" },
	{ "{{printf \"%s|%d|%v|%q|%x|%t|%f\" .s .i .l .s .s .t .f}}", "web|42|[a b c]|\"web\"|776562|true|1.500000" },
	{ "{{printf \"%-10s|%10s|%5d|%-5d|%05d|%%\" .s .s .i .i .i}}", "web       |       web|   42|42   |00042|%" },
	{ "{{printf \"%d\" .s}}", "%!d(string=web)" },
	{ "{{printf \"%s\" .i}}", "%!s(int=42)" },
	{ "{{printf \"%s %s\" .s}}", "web %!s(MISSING)" },
	{ "{{printf \"%s\" .s .i}}", "web%!(EXTRA int=42)" },
	{ "{{printf \"%z\" .s}}", "%!z(string=web)" },
	{ "{{printf \"%\"}}", "%!(NOVERB)" },
	{ "{{printf \"%!\"}}", "%!!(MISSING)" },
	{ "{{printf \"%5.2f|%e|%g|%G|%8.3f|%+.1f|%08.2f|% f\" .f .f .f .f .f .f .f .f}}", " 1.50|1.500000e+00|1.5|1.5|   1.500|+1.5|00001.50| 1.500000" },
	{ "{{printf \"%x %X %o %b %c %U %#x %#o %q %O\" .i .i .i .i .i .i .i .i .i .i}}", "2a 2A 52 101010 * U+002A 0x2a 052 '*' 0o52" },
	{ "{{printf \"%+d % d %+d\" .i .i .n}}", "+42  42 -7" },
	{ "{{printf \"%x % x %X %#x %# x\" .s .s .s .s .s}}", "776562 77 65 62 776562 0x776562 0x77 0x65 0x62" },
	{ "{{printf \"%.2s|%5.1s|%.0s|%-5.2s|\" .s .s .s .s}}", "we|    w||we   |" },
	{ "{{printf \"%v %+v %s %d %q\" .m .m .m .li .l}}", "map[80/tcp:4 a:1 b:2 x y:3] map[80/tcp:4 a:1 b:2 x y:3] map[80/tcp:4 a:1 b:2 x y:3] [3 1 2] [\"a\" \"b\" \"c\"]" },
	{ "{{printf \"%T %T %T %T %T %T %T\" .s .i .f .t .l .m .nul}}", "string int float64 bool []string map[string]string <nil>" },
	{ "{{printf \"%v %s %d %t\" .nul .nul .nul .nul}}", "<nil> %!s(<nil>) %!d(<nil>) %!t(<nil>)" },
	{ "{{printf \"%*d|%-*d|%.*f\" 5 .i 5 .i 2 .f}}", "   42|42   |1.50" },
	{ "{{printf \"%[2]s %[1]s\" .s .q}}", "it's web" },
	{ "{{printf \"%[3]s\" .s}}", "%!s(BADINDEX)" },
	{ "{{printf \"%[1]d %d\" .i .n}}", "42 -7" },
	{ "{{printf \"%[x]d\" .i}}", "%!d(BADINDEX)" },
	{ "{{printf \"%*d\" .s .i}}", "%!(BADWIDTH)42" },
	{ "{{printf \"%q\" .nl}} {{printf \"%q\" .uni}} {{printf \"%+q\" .s}} {{printf \"%#q\" .s}}", "\"line\\nnext\\ttab\" \"héllo wörld ☃\" \"web\" `web`" },
	{ "{{printf .s}}", "web" },
	{ "{{printf \"%d %s\" (len .l) (index .l 0)}}", "3 a" },
	{ "{{printf \"%6.2f%%\" .f}}", "  1.50%" },
	{ "{{printf \"%t\" \"x\"}} {{printf \"%t\" 1}}", "%!t(string=x) %!t(int=1)" },
	{ "{{printf \"%05s|%-05d|%+05d|%x\" .s .i .i .n}}", "00web|42   |+0042|-7" },
	{ "{{printf \"%3c|%-3c|%q|%#U\" .i .i 39 9731}}", "  *|*  |'\\''|U+2603 '☃'" },
	{ "{{printf \"%s\" .li}} {{printf \"%d\" .l}} {{printf \"%s\" .lm}} {{printf \"%d\" .m}}", "[%!s(int=3) %!s(int=1) %!s(int=2)] [%!d(string=a) %!d(string=b) %!d(string=c)] [%!s(int=1) x <nil> %!s(bool=true) %!s(float64=2.5) [%!s(int=1)] map[k:v]] map[%!d(string=80/tcp):%!d(string=4) %!d(string=a):%!d(string=1) %!d(string=b):%!d(string=2) %!d(string=x y):%!d(string=3)]" },
	{ "{{printf \"%5t|%-7t|%q\" .t .u .t}}", " true|false  |%!q(bool=true)" },
	{ "{{printf \"%v|%10v|%-10v|\" .l .l .l}}", "[a b c]|[         a          b          c]|[a          b          c         ]|" },
	{ "{{printf \"%.3d|%8.3d|%08.3d|%.0d\" .i .i .i .z}}", "042|     042|     042|" },
	{ "{{printf \"%6.3v|%.3v\" .f .s}}", "   1.5|web" },
	{ "{{printf \"%e %E\" .g .h}} {{printf \"%g %v %.3g\" .g .h .g}}", "1.000000e+21 1.000000E+06 1e+21 1e+06 1e+21" },
	{ "{{range .Env}}{{println .}}{{end}}", "PATH=/bin\nA=b c\n" },
	{ "{{$s := \"\"}}{{range .l}}{{$s = print $s . \"-\"}}{{end}}{{$s}}", "a-b-c-" },
	{ "{{printf \"%d\" 3 | printf \"%s-%s\" \"a\"}}", "a-3" },
	{ "{{.s | printf \"%q\"}}", "\"web\"" },
	{ "{{.s | printf \"%s %s\" \"x\"}}", "x web" },
	{ "{{print (printf \"%d\" 1) (len .l)}}", "13" },
	{ "{{print (print (print \"a\"))}}", "a" },
	{ "{{print ($x := \"q\")}}{{$x}}", "qq" },
	{ "{{.l | len}} {{.l | json}} {{len .l | printf \"%03d\"}}", "3 [\"a\",\"b\",\"c\"] 003" },
	{ "{{print .m}} {{print .lm}} {{print .nul}}", "map[80/tcp:4 a:1 b:2 x y:3] [1 x <nil> true 2.5 [1] map[k:v]] <nil>" },
	{ "{{print nil}} {{print nil nil}} {{printf \"%v\" nil}}", "<nil> <nil> <nil> <nil>" },
	{ "{{len \"☃\"}} {{slice \"☃x\" 3}} {{printf \"%5s|%-5s|%.1s\" \"☃\" \"☃\" \"☃x\"}}", "3 x     ☃|☃    |☃" },
	{ "{{printf \"%v\" .State}}", "map[Nested:map[Deep:map[Er:yes]] Pid:123 Running:true Status:running]" },
	{ "{{printf \"%s %v\" \"a\"}}", "a %!v(MISSING)" },
	{ "{{printf \"%d%%\" 50}} {{printf \"%3d%%\" 5}} {{printf \"100%\"}}", "50%   5% 100%!(NOVERB)" },
	{ "{{printf \"% d|% 5d|%+5d|%x|%X\" 5 5 5 255 255}}", " 5|    5|   +5|ff|FF" },
	{ "{{printf \"%08b|%o|%#b\" 5 8 5}}", "00000101|10|0b101" },
	{ "{{printf \"%t %v\" true false}}", "true false" },
	{ "{{printf \"%6d|%-6d|%06d\" -42 -42 -42}}", "   -42|-42   |-00042" },
	{ "{{printf \"%10.3s|\" \"abcdef\"}}", "       abc|" },
	{ "{{printf \"%s\" nil}} {{printf \"%d\" nil}}", "%!s(<nil>) %!d(<nil>)" },
	{ "{{printf \"%!s\" 3}}", "%!!(int=3)s" },
	{ "{{printf \"%-\" 3}}", "%!(NOVERB)%!(EXTRA int=3)" },
	{ "{{printf \"%5\"}}", "%!(NOVERB)" },
	{ "{{printf \"%.f|%.0f|%.1f\" 2.5 3.5 0.05}}", "2|4|0.1" },
	{ "{{printf \"%F %8.2e\" 1.25 123456.0}}", "1.250000 1.23e+05" },
	{ "{{printf \"%g %g %g\" 100000.0 1000000.0 0.0001}}", "100000 1e+06 0.0001" },
	{ "{{printf \"%q\" 'x'}} {{printf \"%q\" 34}} {{printf \"%q\" 10}} {{printf \"%c|%5c\" -1 65}} {{printf \"%U\" -1}}", "'x' '\"' '\\n' �|    A U+FFFFFFFFFFFFFFFF" },
	{ "{{printf \"%+v %+v %+v %+v|%+5v\" .i .f .s .l .i}}", "42 1.5 web [a b c]|   42" },
};

static void printing_functions_print_what_go_prints(void **state)
{
	(void)state;
	check_rows(rows, ARRAY_LEN(rows), NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printing_functions_print_what_go_prints),
	};

	return cmocka_run_group_tests(tests, dot_load, dot_free);
}
