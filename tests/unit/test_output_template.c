#include "template_rows.h"

#include "base/strv.h"

/* What Go's text/template prints for these over tests/data/template/dot.json. */
static const struct template_row
	values[] = {
		{ "{{.s}}", "web" },
		{ "{{ .s }}", "web" },
		{ "{{.S}}", "<no value>" },
		{ "{{.missing}}", "<no value>" },
		{ "{{.missing.more}}", "<no value>" },
		{ "{{.nul}}", "<no value>" },
		{ "{{.State}}", "map[Nested:map[Deep:map[Er:yes]] Pid:123 Running:true Status:running]" },
		{ "{{.State.Status}}", "running" },
		{ "{{.State.Foo}}", "<no value>" },
		{ "{{.State.Nested.Deep.Er}}", "yes" },
		{ "{{.i}} {{.n}} {{.f}} {{.g}} {{.h}} {{.big}} {{.t}} {{.u}} {{.l}} {{.li}} {{.lm}} {{.m}} {{.em}} {{.el}}",
		  "42 -7 1.5 1e+21 1e+06 18446744073709551615 true false [a b c] [3 1 2] [1 x <nil> true 2.5 [1] map[k:v]] map[80/tcp:4 a:1 b:2 x y:3] map[] []" },
		{ "{{.}}",
		  "map[Env:[PATH=/bin A=b c] NS:map[Networks:map[podman:map[Aliases:[x] IPAddress:10.88.0.2] z:map[Aliases:[] IPAddress:10.89.0.3]] Ports:map[443/tcp:<nil> 80/tcp:[map[HostIp: HostPort:8080]]]] State:map[Nested:map[Deep:map[Er:yes]] Pid:123 Running:true Status:running] big:18446744073709551615 e: el:[] em:map[] f:1.5 g:1e+21 h:1e+06 html:<a href=\"x\">&'</a> i:42 id:sha256:0123456789abcdef l:[a b c] li:[3 1 2] lm:[1 x <nil> true 2.5 [1] map[k:v]] m:map[80/tcp:4 a:1 b:2 x y:3] n:-7 nl:line\nnext\ttab nul:<nil> q:it's s:web t:true u:false uni:héllo wörld ☃ z:0]" },
		{ "{{json .}}",
		  "{\"Env\":[\"PATH=/bin\",\"A=b c\"],\"NS\":{\"Networks\":{\"podman\":{\"Aliases\":[\"x\"],\"IPAddress\":\"10.88.0.2\"},\"z\":{\"Aliases\":[],\"IPAddress\":\"10.89.0.3\"}},\"Ports\":{\"443/tcp\":null,\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8080\"}]}},\"State\":{\"Nested\":{\"Deep\":{\"Er\":\"yes\"}},\"Pid\":123,\"Running\":true,\"Status\":\"running\"},\"big\":18446744073709551615,\"e\":\"\",\"el\":[],\"em\":{},\"f\":1.5,\"g\":1e+21,\"h\":1000000,\"html\":\"<a href=\\\"x\\\">&'</a>\",\"i\":42,\"id\":\"sha256:0123456789abcdef\",\"l\":[\"a\",\"b\",\"c\"],\"li\":[3,1,2],\"lm\":[1,\"x\",null,true,2.5,[1],{\"k\":\"v\"}],\"m\":{\"80/tcp\":\"4\",\"a\":\"1\",\"b\":\"2\",\"x y\":\"3\"},\"n\":-7,\"nl\":\"line\\nnext\\ttab\",\"nul\":null,\"q\":\"it's\",\"s\":\"web\",\"t\":true,\"u\":false,\"uni\":\"héllo wörld ☃\",\"z\":0}" },
		{ "{{json .s}} {{json .nul}} {{json .l}} {{json .f}} {{json .g}} {{json .html}} {{json .missing}}",
		  "\"web\" null [\"a\",\"b\",\"c\"] 1.5 1e+21 \"<a href=\\\"x\\\">&'</a>\" null" },
		{ "{{.html | html}}", "&lt;a href=&#34;x&#34;&gt;&amp;&#39;&lt;/a&gt;" },
		{ "{{.html | js}}", "\\u003Ca href\\u003D\\\"x\\\"\\u003E\\u0026\\'\\u003C/a\\u003E" },
		{ "{{.html | urlquery}}", "%3Ca+href%3D%22x%22%3E%26%27%3C%2Fa%3E" },
		{ "{{html .i .s .nul}}", "42web&lt;no value&gt;" },
		{ "{{js \"a\" 1 2 nil}}", "a1 2\\u003Cno value\\u003E" },
		{ "{{urlquery \"a b/c?d=é\"}}", "a+b%2Fc%3Fd%3D%C3%A9" },
		{ "{{html}}", "" },
		{ "{{len .s}} {{len .l}} {{len .m}} {{len .el}} {{len .em}}", "3 3 4 0 0" },
		{ "{{index .l 0}} {{index .l 2}} {{index .m \"a\"}} {{index .m \"x y\"}} {{index .m \"nope\"}}|", "a c 1 3 |" },
		{ "{{index .s 1}}", "101" },
		{ "{{index .l}}", "[a b c]" },
		{ "{{index .NS.Ports \"80/tcp\"}}", "[map[HostIp: HostPort:8080]]" },
		{ "{{(index (index .NS.Ports \"80/tcp\") 0).HostPort}}", "8080" },
		{ "{{(index .NS.Ports \"80/tcp\" 0).HostPort}}", "8080" },
		{ "{{index .NS.Ports \"80/tcp\" 0 \"HostPort\"}}", "8080" },
		{ "{{(index .NS.Ports \"99/tcp\")}}", "<no value>" },
		{ "{{index .NS.Networks \"podman\" \"IPAddress\"}}", "10.88.0.2" },
		{ "{{(index .NS.Networks \"none\").IPAddress}}", "<no value>" },
		{ "{{range .NS.Networks}}{{.IPAddress}} {{end}}", "10.88.0.2 10.89.0.3 " },
		{ "{{range $k,$v := .NS.Networks}}{{$k}}={{$v.IPAddress}} {{end}}", "podman=10.88.0.2 z=10.89.0.3 " },
		{ "{{range $p, $conf := .NS.Ports}} {{$p}} -> {{range $conf}}{{.HostPort}}{{else}}none{{end}} {{end}}",
		  " 443/tcp -> none  80/tcp -> 8080 " },
		{ "{{slice .s 1}} {{slice .s 0 2}} {{slice .s}} {{slice .l 1}} {{slice .l 1 2}} {{slice .l 0 1 2}}",
		  "eb we web [b c] [b] [a]" },
		{ "{{slice .id 7 19}}", "0123456789ab" },
		{ "{{pad .s 2 3}}| {{pad \"\" 2 3}}|", "  web   | |" },
		{ "{{pad .s 1.0 2}}|", " web  |" },
		{ "{{pad .s .i 0}}|", "                                          web|" },
		{ "{{join .l \",\"}} {{join .el \",\"}} {{join .Env \"; \"}}", "a,b,c  PATH=/bin; A=b c" },
		{ "{{join .missing \",\"}}", "" },
		{ "{{join nil \",\"}}", "" },
		{ "{{join .l \",\"|upper}}", "A,B,C" },
		{ "{{\",\" | join .l}}", "a,b,c" },
		{ "{{split .id \":\"}} {{index (split .id \":\") 1}} {{split \"a,b,,c\" \",\"}} {{split \"\" \",\"}} {{split \"abc\" \"\"}} {{split \"\" \"\"}}",
		  "[sha256 0123456789abcdef] 0123456789abcdef [a b  c] [] [a b c] []" },
		{ "{{range split \"a b c\" \" \"}}[{{.}}]{{end}}", "[a][b][c]" },
		{ "{{upper .s}} {{lower \"ABC\"}} {{title \"hello world foo-bar o'neil x_y\"}} {{.s | upper | lower | title}}",
		  "WEB abc Hello World Foo-Bar O'Neil X_y Web" },
		{ "{{upper .m.a}}", "1" },
		{ "{{if .t}}yes{{else}}no{{end}}", "yes" },
		{ "{{if .u}}yes{{else}}no{{end}}", "no" },
		{ "{{if .z}}yes{{end}}|{{if .e}}yes{{end}}|{{if .el}}yes{{end}}|{{if .em}}yes{{end}}|{{if .nul}}yes{{end}}|{{if .missing}}yes{{end}}|{{if .i}}1{{end}}|{{if .f}}2{{end}}|{{if .l}}3{{end}}|{{if .m}}4{{end}}|{{if .State}}5{{end}}",
		  "||||||1|2|3|4|5" },
		{ "{{if eq .s \"web\"}}web{{else if eq .s \"x\"}}x{{else}}other{{end}}", "web" },
		{ "{{if eq .s \"w\"}}web{{else if eq .s \"web\"}}x{{else}}other{{end}}", "x" },
		{ "{{if eq .s \"w\"}}web{{else if eq .s \"v\"}}x{{else if .t}}t{{else}}other{{end}}", "t" },
		{ "{{if .t}}a{{if .u}}b{{else}}c{{end}}d{{end}}", "acd" },
		{ "{{with .State}}{{.Status}}{{$.s}}{{else}}none{{end}}", "runningweb" },
		{ "{{with .missing}}x{{else}}none {{.s}}{{end}}", "none web" },
		{ "{{with $x := .State.Pid}}{{$x}} {{.}}{{end}}", "123 123" },
		{ "{{with .m.a}}{{.}}{{end}}", "1" },
		{ "{{range .l}}{{.}},{{end}}", "a,b,c," },
		{ "{{range .el}}x{{else}}empty{{end}}", "empty" },
		{ "{{range .nul}}x{{else}}empty{{end}}", "empty" },
		{ "{{range .missing}}x{{else}}empty{{end}}", "empty" },
		{ "{{range .em}}x{{else}}empty{{end}}", "empty" },
		{ "{{range $i, $e := .l}}{{$i}}:{{$e}} {{end}}", "0:a 1:b 2:c " },
		{ "{{range $e := .l}}{{$e}}{{end}}", "abc" },
		{ "{{range $k, $v := .m}}{{$k}}={{$v}};{{end}}", "80/tcp=4;a=1;b=2;x y=3;" },
		{ "{{range .lm}}[{{.}}]{{end}}", "[1][x][<no value>][true][2.5][[1]][map[k:v]]" },
		{ "{{range .l}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a" },
		{ "{{range .l}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}", "ac" },
		{ "{{range .l}}{{range $.li}}{{if eq . 1}}{{break}}{{end}}{{.}}{{end}}{{.}}{{end}}", "3a3b3c" },
		{ "{{range .l}}{{range $.el}}{{else}}{{break}}{{end}}{{.}}{{end}}", "abc" },
		{ "{{range .l}}{{range $.el}}{{else}}{{continue}}{{end}}{{.}}{{end}}", "" },
		{ "{{range .Env}}{{.}}{{\"\\n\"}}{{end}}", "PATH=/bin\nA=b c\n" },
		{ "{{$x := 1}}{{$x}}", "1" },
		{ "{{$x := 1}}{{$x = 2}}{{$x}}", "2" },
		{ "{{$x := 1}}{{if .t}}{{$x = 2}}{{end}}{{$x}}", "2" },
		{ "{{$x := 1}}{{if .t}}{{$x := 2}}{{end}}{{$x}}", "1" },
		{ "{{$x := 0}}{{range .li}}{{$x = .}}{{end}}{{$x}}", "2" },
		{ "{{$x := .State}}{{$x.Status}}", "running" },
		{ "{{$.s}} {{$}}",
		  "web map[Env:[PATH=/bin A=b c] NS:map[Networks:map[podman:map[Aliases:[x] IPAddress:10.88.0.2] z:map[Aliases:[] IPAddress:10.89.0.3]] Ports:map[443/tcp:<nil> 80/tcp:[map[HostIp: HostPort:8080]]]] State:map[Nested:map[Deep:map[Er:yes]] Pid:123 Running:true Status:running] big:18446744073709551615 e: el:[] em:map[] f:1.5 g:1e+21 h:1e+06 html:<a href=\"x\">&'</a> i:42 id:sha256:0123456789abcdef l:[a b c] li:[3 1 2] lm:[1 x <nil> true 2.5 [1] map[k:v]] m:map[80/tcp:4 a:1 b:2 x y:3] n:-7 nl:line\nnext\ttab nul:<nil> q:it's s:web t:true u:false uni:héllo wörld ☃ z:0]" },
		{ "{{$i := 0}}{{$e := 0}}{{range $i, $e = .l}}{{$i}}{{$e}}{{end}}{{$i}}{{$e}}", "0a1b2c2c" },
		{ "{{$i := 5}}{{range $i = .l}}{{.}}{{end}}{{$i}}", "abcc" },
		{ "{{(.State).Status}}", "running" },
		{ "{{(index .lm 6).k}}", "v" },
		{ "{{and .t .s}} {{and .u .s}} {{or .u .s}} {{or .u .z}} {{and 1 0 2}} {{or 0 \"\" \"x\"}} {{not .t}} {{not .z}}",
		  "web false web 0 0 x false true" },
		{ "{{and .t}}", "true" },
		{ "{{and .u .i.x}}", "false" },
		{ "{{or .t .i.x}}", "true" },
		{ "{{.t | and .s}} {{.t | or .s}}", "true web" },
		{ "{{eq 1 1}} {{eq 1 2}} {{eq .s \"web\"}} {{eq .s \"a\" \"b\" \"web\"}} {{eq .i 42}} {{eq .f 1.5}} {{eq .t true}} {{ne 1 2}} {{ne \"a\" \"a\"}}",
		  "true false true true true true true true false" },
		{ "{{eq .nul nil}}", "true" },
		{ "{{eq .missing nil}}", "true" },
		{ "{{eq .s nil}}", "false" },
		{ "{{eq nil nil}}", "true" },
		{ "{{eq .l nil}}", "false" },
		{ "{{eq .big .i}} {{eq .big .big}} {{lt .i .big}} {{gt .big .n}} {{lt .big .i}}", "false true true true false" },
		{ "{{lt 1 2}} {{le 2 2}} {{gt 3 2}} {{ge 2 3}} {{lt \"a\" \"b\"}} {{lt 1.5 2.5}} {{gt .f 1.0}}",
		  "true true true false true true true" },
		{ "{{gt \"b\" \"a\"}}", "true" },
		{ "{{if and .t (eq .i 42)}}both{{end}}", "both" },
		{ "{{if or (eq .i 1) (gt .i 40)}}one{{end}}", "one" },
		{ "{{if not (eq .i 42)}}x{{else}}y{{end}}", "y" },
		{ "{{- .s -}}", "web" },
		{ "  {{- .s -}}  x", "webx" },
		{ "a  {{- .s}}  b", "aweb  b" },
		{ "a  {{.s -}}  b", "a  webb" },
		{ "a {{- \"x\" -}} b", "axb" },
		{ "{{- -3}}", "-3" },
		{ "{{-3}}", "-3" },
		{ "{{- 3 -}}", "3" },
		{ "{{3 -}} x", "3x" },
		{ "{{/* comment */}}x", "x" },
		{ "{{- /* comment */ -}} x", "x" },
		{ "a {{- /* comment */ -}} x", "ax" },
		{ "b */}}x", "b */}}x" },
		{ "{{.s}}}", "web}" },
		{ "{{.s |}}", "web" },
		{ "\"}}", "\"}}" },
		{ "y`}}", "y`}}" },
		{ "{{'a'}} {{'\\n'}} {{'☃'}} {{'\\x41'}} {{'\\u2603'}}", "97 10 9731 65 9731" },
		{ "{{\"\\t\\n\\\"\\\\\\x41\\101\\u2603\\U0001F600\"}}", "\t\n\"\\AA☃😀" },
		{ "{{1}} {{-1}} {{+1}} {{0x1F}} {{0b101}} {{0o17}} {{017}} {{1_000}} {{1e3}} {{1.5e-3}} {{.5}} {{1.}} {{0x1p4}} {{1E5}} {{0X1f}} {{00}}",
		  "1 -1 1 31 5 15 15 1000 1000 0.0015 0.5 1 16 100000 31 0" },
		{ "{{9223372036854775807}} {{-9223372036854775808}}", "9223372036854775807 -9223372036854775808" },
		{ "{{truncate .id 1e1}}", "sha256:012" },
		{ "{{.é}}", "<no value>" },
		{ "{{if .t }} a {{ else }} b {{ end }}", " a " },
		{ "", "" },
		{ "| upper}}", "| upper}}" },
		{ "$}}", "$}}" },
		{ "line1", "line1" },
		{ "a }}", "a }}" },
		{ "plain text", "plain text" },
		{ "}} x {{.s}}", "}} x web" },
		{ "{ {{.s}} }", "{ web }" },
		{ "{{.s}}{{.i}}{{\"x\"}}", "web42x" },
		{ "{{true}} {{false}} {{not true}}", "true false false" },
		{ "{{$x := true}}{{if $x}}1{{end}}", "1" },
		{ "{{with $y := \"abc\"}}{{$y}}{{end}}{{.s}}", "abcweb" },
		{ "{{with .State}}{{with .Nested}}{{.Deep.Er}}{{$.State.Pid}}{{end}}{{end}}", "yes123" },
		{ "{{.State.Nested.x.y.z}}", "<no value>" },
		{ "{{.Status}} {{.State.Status}}", "<no value> running" },
		{ "{{.m.a}} {{.m.b}} {{.m.c}}", "1 2 <no value>" },
		{ "{{index .m \"80/tcp\"}}", "4" },
		{ "{{.s | len | eq 3}}", "true" },
		{ "{{html .html}} {{html .l}} {{html .m}} {{html nil}}",
		  "&lt;a href=&#34;x&#34;&gt;&amp;&#39;&lt;/a&gt; [a b c] map[80/tcp:4 a:1 b:2 x y:3] &lt;no value&gt;" },
		{ "{{js .uni}} {{js .nl}}", "héllo wörld ☃ line\\u000Anext\\u0009tab" },
		{ "{{urlquery .nl}} {{urlquery .l}}", "line%0Anext%09tab %5Ba+b+c%5D" },
		{ "{{define \"T\"}}x{{end}}", "" },
		{ "{{block \"T\" .}}x{{end}}", "x" },
		{ "{{json \"\\xff<>&\\u2028\"}} {{json \"tab\\tnl\\nq\\\"b\\\\\"}}",
		  "\"\\ufffd<>&\\u2028\" \"tab\\tnl\\nq\\\"b\\\\\"" },
		{ "{{eq .s .q}} {{lt .s .q}}", "false false" },
		{ "{{range .NS.Networks}}{{range .Aliases}}{{.}}{{else}}-{{end}}{{end}}", "x-" },
		{ "{{range $n := .l}}{{range $m := $.li}}{{$n}}{{$m}} {{end}}{{end}}", "a3 a1 a2 b3 b1 b2 c3 c1 c2 " },
		{ "{{range $i, $_ := .l}}{{if $i}},{{end}}{{.}}{{end}}", "a,b,c" },
		{ "{{if .NS.Ports}}{{range $p, $c := .NS.Ports}}{{if $c}}{{$p}}{{end}}{{end}}{{end}}", "80/tcp" },
		{ "{{(.nul).x}}", "<no value>" },
		{ "{{(.missing).x}}", "<no value>" },
		{ "{{($x := .s)}}", "web" },
		{ "{{lower (upper \"x\")}}", "x" },
		{ "{{upper html}}", "" },
		{ "{{index .li 0 | eq 3}}", "true" },
		{ "{{.State | json}}",
		  "{\"Nested\":{\"Deep\":{\"Er\":\"yes\"}},\"Pid\":123,\"Running\":true,\"Status\":\"running\"}" },
		{ "{{with .nul}}x{{else}}y{{end}}", "y" },
		{ "{{with 0}}x{{else}}y{{end}}", "y" },
		{ "{{0.1}} {{100000.0}} {{1000000.0}} {{123456789.0}} {{1e-5}} {{3.0}} {{-0.0}}",
		  "0.1 100000 1e+06 1.23456789e+08 1e-05 3 -0" },
		{ "{{json 1.0}} {{json 1e21}} {{json 1e-7}} {{json 123456789.125}} {{json 1e20}} {{json true}} {{json nil}}",
		  "1 1e+21 1e-7 123456789.125 100000000000000000000 true null" },
		{ "{{.s\n\n| upper}}", "WEB" },
		{ "{{if .t\n}}x{{end}}", "x" },
		{ "{{`raw\\n \"x\"\ny`}}", "raw\\n \"x\"\ny" },
		{ "{{range .l}}\n{{.}}\n{{end}}\n", "\na\n\nb\n\nc\n\n" },
		{ "{{range .l -}}\n {{.}}\n{{- end}}\n", "abc\n" },
		{ "x{{- /* c */}}y", "xy" },
		{ "{{`a\r\nb`}}", "a\nb" },
		{ "\t{{.s}}\t{{.i}}\n", "\tweb\t42\n" },
		{ "{{define \"A\"}}[{{.}}]{{end}}{{template \"A\" .s}}{{template \"A\" .l}}", "[web][[a b c]]" },
		{ "{{template \"A\" 1}}{{define \"A\"}}<{{.}}{{$}}>{{end}}", "<11>" },
		{ "{{template \"A\"}}{{define \"A\"}}{{.}}{{end}}", "<no value>" },
		{ "{{block \"B\" .State}}{{.Status}}{{end}} {{template \"B\" .State}}", "running running" },
		{ "{{range .l}}{{block \"B\" .}}{{.}},{{end}}{{end}}", "a,b,c," },
		{ "{{define \"A\"}} {{end}}{{define \"A\"}}y{{end}}{{template \"A\"}}", "y" },
		{ "{{define \"A\"}}y{{end}}{{define \"A\"}} {{end}}{{template \"A\"}}", "y" },
		{ "{{define \"A\"}}{{range .}}{{.}}{{break}}{{end}}{{end}}{{range .l}}{{template \"A\" $.li}}{{end}}", "333" },
		{ "{{define \"A\"}}{{if .}}{{.}}{{template \"A\" slice . 1}}{{end}}{{end}}{{template \"A\" .l}}",
		  "[a b c][b c][c]" },
		{ "{{template \"A\" $z := 3}}{{$z}}{{define \"A\"}}{{.}}{{end}}", "33" },
		{ "{{- define \"A\" -}} x {{- end -}} {{template \"A\"}} y", "x y" },
		{ "{{define \"A\"}}{{template \"B\" .}}{{end}}{{define \"B\"}}{{.i}}{{end}}{{template \"A\" .}}", "42" },
		{ "{{template \"A\" .}}{{define \"A\"}}{{$.s}}{{with .State}}{{$.i}}{{.Pid}}{{end}}{{end}}", "web42123" },
		{ "{{template \"A\" }}{{define \"A\"}}1{{end}}", "1" },
		{ "{{define \"A\"}}{{end}}x", "x" },
		{ "{{ define \"A\" }}a{{ end }}{{ template \"A\" . }}", "a" },
	};

static void templates_print_what_go_prints(void **state)
{
	(void)state;
	check_rows(values, ARRAY_LEN(values), NULL);
}

/* With a shape: what Podman's types make of the same JSON. */
static void podmans_types_show(void **state)
{
	static const struct {
		const char *text, *json, *want;
	} cases[] = {
		/* fields by their Go names */
		{ "{{.ID}} {{.Id}}", "{\"Id\":\"abc\"}", "abc abc" },
		{ "{{.NetworkInterface}}", "{\"network_interface\":\"podman0\"}", "podman0" },
		{ "{{.Host.CgroupManager}}", "{\"host\":{\"cgroupManager\":\"systemd\"}}", "systemd" },
		{ "{{.ID}}", "{\"Id\":\"second\",\"ID\":\"first\"}", "first" },
		/* maps keep the spelling of their keys, and may lack one */
		{ "{{.Labels.a}} {{.Labels.A}}", "{\"Labels\":{\"a\":\"1\"}}", "1 <no value>" },
		{ "{{index .Config.Labels \"no\"}}|", "{\"Config\":{\"Labels\":{\"a\":\"1\"}}}", "|" },
		{ "{{index .Config.Labels \"no\"}}|", "{\"Config\":{\"Labels\":null}}", "|" },
		{ "{{.Labels}} {{.State}}", "{\"Labels\":{\"b\":\"2\",\"a\":\"1\"},\"State\":{\"Status\":\"up\",\"Pid\":3}}",
		  "map[a:1 b:2] {up 3}" },
		{ "{{.X}}", "{\"X\":{\"80/tcp\":1}}", "map[80/tcp:1]" },
		{ "{{printf \"%+v\" .State}}", "{\"State\":{\"Status\":\"up\",\"Pid\":3}}", "{Status:up Pid:3}" },
		{ "{{range $k, $v := .NetworkSettings.Networks}}{{$k}}={{$v.IPAddress}}{{end}}",
		  "{\"NetworkSettings\":{\"Networks\":{\"podman\":{\"IPAddress\":\"10.88.0.2\"}}}}", "podman=10.88.0.2" },
		/* null is an empty list or map */
		{ "{{.Command}} {{.Labels}}", "{\"Command\":null,\"Labels\":null}", "[] map[]" },
		{ "{{json .Command}} {{len .Command}} {{join .Command \" \"}}", "{\"Command\":null}", "null 0 " },
		{ "{{range .Mounts}}x{{else}}none{{end}}", "{\"Mounts\":null}", "none" },
		{ "{{range $p, $c := .Ports}}{{$p}} {{len $c}}{{end}}", "{\"Ports\":{\"80/tcp\":null}}", "80/tcp 0" },
		/* left out when empty */
		{ "{{.Config.Healthcheck}}", "{\"Config\":{\"Image\":\"a\"}}", "<nil>" },
		{ "{{.Config.OnBuild}} {{json .Config.OnBuild}}", "{\"Config\":{\"OnBuild\":null}}", "<nil> null" },
		{ "{{range .Config.OnBuild}}x{{else}}none{{end}}", "{\"Config\":{\"OnBuild\":null}}", "none" },
		{ "{{if .Config.Healthcheck}}yes{{else}}no{{end}}", "{\"Config\":{}}", "no" },
		{ "{{range .Mounts}}[{{.Name}}]{{end}}", "{\"Mounts\":[{\"Type\":\"bind\"},{\"Name\":\"v\"}]}", "[][v]" },
		{ "{{range .Networks}}{{len .Aliases}}{{end}}", "{\"Networks\":{\"a\":{}}}", "0" },
		{ "{{.NetworkSettings.Networks}}", "{\"NetworkSettings\":{\"IPAddress\":\"\"}}", "map[]" },
		{ "{{.NeedsCopyUp}} {{.UID}} {{.Comment}}|", "{\"Name\":\"v\"}", "false 0 |" },
		/* points in time */
		{ "{{.Created}}", "{\"Created\":\"2026-11-23T17:37:30.123456789Z\"}", "2026-11-23 17:37:30.123456789 +0000 UTC" },
		{ "{{.State.StartedAt}}", "{\"State\":{\"StartedAt\":\"0001-01-01T00:00:00Z\"}}", "0001-01-01 00:00:00 +0000 UTC" },
		{ "{{.Created}}", "{\"Created\":\"2026-11-23T17:37:30+01:00\"}", "2026-11-23 17:37:30 +0100 +0100" },
		{ "{{.Created}}", "{\"Created\":\"2026-11-23T17:37:30.5-03:30\"}", "2026-11-23 17:37:30.5 -0330 -0330" },
		{ "{{json .Created}} {{slice .Created 0 4}}", "{\"Created\":\"2026-11-23T17:37:30Z\"}",
		  "\"2026-11-23T17:37:30Z\" 2026" },
		{ "{{.Created}}", "{\"Created\":\"7 seconds ago\"}", "7 seconds ago" },
		{ "{{.Created}}", "{\"Created\":1700000000}", "1700000000" },
		/* durations */
		{ "{{.Config.Healthcheck.Interval}} {{.Config.Timeout}}",
		  "{\"Config\":{\"Timeout\":5,\"Healthcheck\":{\"Interval\":90000000000}}}", "1m30s 5" },
		{ "{{.Config.Healthcheck}}", "{\"Config\":{\"Healthcheck\":{\"Test\":[\"CMD\"],\"Timeout\":30000000000}}}",
		  "{[CMD] 30s}" },
	};
	struct template_shape shape = { .go_type = "containers.psReporter" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(js_put_p) struct json_object *o = NULL;

		assert_int_equal(js_parse(str_from(cases[i].json), "row", &o, NULL), 0);
		check_output(cases[i].text, o, &shape, cases[i].want);
	}
}

static void fields_that_podman_does_not_have_fail(void **state)
{
	static const struct {
		const char *text, *json, *want;
	} cases[] = {
		{ "{{.Foo}}", "{\"ID\":\"a\"}", "1:2: <.Foo>: can't evaluate field Foo in type containers.psReporter" },
		{ "{{.State.Foo}}", "{\"State\":{\"Pid\":1}}", "1:8: <.State.Foo>: can't evaluate field Foo in type State" },
		{ "{{.ID.Foo}}", "{\"ID\":\"a\"}", "1:5: <.ID.Foo>: can't evaluate field Foo in type string" },
		{ "{{.Server.Version}}", "{\"Server\":null}", "1:9: <.Server.Version>: nil pointer evaluating Server.Version" },
		{ "{{range .Mounts}}{{.Foo}}{{end}}", "{\"Mounts\":[{\"Type\":\"bind\"}]}",
		  "1:19: <.Foo>: can't evaluate field Foo in type Mounts" },
		{ "{{join .Names \",\"}}", "{\"Names\":\"a\"}",
		  "1:7: <.Names>: wrong type for value; expected []string; got string" },
		{ "{{.Pid 3}}", "{\"Pid\":1}", "1:2: <.Pid>: Pid has arguments but cannot be invoked as function" },
	};
	struct template_shape shape = { .go_type = "containers.psReporter" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(js_put_p) struct json_object *o = NULL;

		assert_int_equal(js_parse(str_from(cases[i].json), "row", &o, NULL), 0);
		check_refusal(cases[i].text, o, &shape, "executing \"x\" at ", cases[i].want);
	}
}

static bool only_tags(const char *key)
{
	return strcmp(key, "Tags") == 0;
}

static void the_caller_can_say_what_is_a_map(void **state)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	struct template_shape shape = { .go_type = "t", .is_map = only_tags };

	(void)state;
	assert_int_equal(js_parse(STR("{\"Tags\":{\"a\":1},\"Labels\":{\"a\":1}}"), "row", &o, NULL), 0);
	check_output("{{.Tags}} {{.Labels}} {{.Tags.b}}", o, &shape, "map[a:1] {1} <no value>");
}

static void fields_are_listed_once_and_in_order(void **state)
{
	static const struct template_row cases[] = {
		{ "{{.ID}}\t{{.Names}}", "ID Names " },
		{ "{{.ID}} {{.State.Pid}} {{.ID}}", "ID State " },
		{ "{{if .Labels}}{{.Image}}{{else}}{{.Command}}{{end}}", "Labels Image Command " },
		{ "{{range .Mounts}}{{.Name}}{{$.Pod}}{{else}}{{.Status}}{{end}}", "Mounts Pod Status " },
		{ "{{with .State}}{{.Pid}}{{end}}", "State " },
		{ "{{json .}} {{len (index .Ports 0)}} {{(print .Size).x}} {{.A | printf \"%s%s\" .B}}", "Ports Size A B " },
		{ "text", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(template_free_p) struct template *t = NULL;
		CLEANUP(strv_done) struct strv fields = { 0 };
		CLEANUP(buf_done) struct buf got = BUF_INIT(1000);

		assert_int_equal(template_parse(str_from(cases[i].text), "x", &t, NULL), 0);
		assert_int_equal(template_fields(t, &fields, NULL), 0);
		for (size_t k = 0; k < fields.n; k++)
			buf_addf(&got, "%s ", fields.v[k]);
		if (strcmp(buf_z(&got), cases[i].want) != 0)
			row_fail(cases[i].text, "%s", buf_z(&got));
	}
}

static void escapes_are_expanded_outside_of_actions(void **state)
{
	static const struct template_row cases[] = {
		{ "", "" },
		{ "{{.A}}\\t{{.B}}\\n", "{{.A}}\t{{.B}}\n" },
		{ "a\\\\nb \\\" \\x \\", "a\\\nb \\\" \\x \\" },
		{ "{{printf \"%s\\n\" .A}}\\n", "{{printf \"%s\\n\" .A}}\n" },
		{ "{{join .A \"}}\\t\"}}\\t", "{{join .A \"}}\\t\"}}\t" },
		{ "{{print \"\\\"}}\\t\"}}\\t", "{{print \"\\\"}}\\t\"}}\t" },
		{ "{{print `\\`}}\\t", "{{print `\\`}}\t" },
		{ "{{/* it's */}}\\t", "{{/* it's */}}\t" },
		{ "{{- /* \" */ -}}\\t", "{{- /* \" */ -}}\t" },
		{ "{{.A\\t", "{{.A\\t" },
		{ "{{", "{{" },
		{ "{{-", "{{-" },
		{ "{{\"\\", "{{\"\\" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(free_p) char *got = template_unescape(cases[i].text);

		if (strcmp(got, cases[i].want) != 0)
			row_fail(cases[i].text, "%s", got);
	}
}

static void repeat(struct buf *b, const char *z, int n)
{
	for (int i = 0; i < n; i++)
		buf_add_z(b, z);
}

static void nesting_has_a_limit(void **state)
{
	static const struct {
		const char *open, *middle, *close;
		int n;
		const char *want;
	} cases[] = {
		{ "{{if .t}}", "x", "{{end}}", 60, NULL },
		{ "{{if .t}}", "x", "{{end}}", 65, "1: nested more than 64 deep" },
		{ "(", ".s", ")", 62, NULL },
		{ "(", ".s", ")", 100000, "1: nested more than 64 deep" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_TEXT);
		bool action = cases[i].open[0] == '(';

		buf_add_z(&text, action ? "{{" : "");
		repeat(&text, cases[i].open, cases[i].n);
		buf_add_z(&text, cases[i].middle);
		repeat(&text, cases[i].close, cases[i].n);
		buf_add_z(&text, action ? "}}" : "");
		assert_false(text.failed);
		if (cases[i].want)
			check_refusal(buf_z(&text), dot, NULL, "", cases[i].want);
		else
			check_output(buf_z(&text), dot, NULL, action ? "web" : "x");
	}
}

static void templates_that_call_themselves_have_a_limit(void **state)
{
	(void)state;
	check_refusal("{{define \"A\"}}{{template \"A\" .}}{{end}}{{template \"A\"}}", dot, NULL, "executing \"A\" at ",
		      "1:25: <{{template \"A\" .}}>: exceeded maximum template depth (64)");
	check_refusal("{{define \"A\"}}{{if lt (len .) 30}}{{template \"A\" print . 1}}{{template \"A\" print . 2}}{{end}}{{end}}"
		      "{{template \"A\" \"\"}}",
		      dot, NULL, "executing \"A\" at ",
		      "1:45: <{{template \"A\" print . 1}}>: exceeded maximum number of template calls (100000)");
}

static void too_much_output_fails(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(20);
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(render("{{range .l}}{{$.id}}{{end}}", dot, NULL, &out, &err), -ERR_SYSTEM);
	assert_string_equal(err.text, "the output of the template: too large (the limit is 20 bytes)");
}

static void values_of_a_long_range_do_not_pile_up(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(TEMPLATE_MAX_OUTPUT);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(js_put_p) struct json_object *list = json_object_new_array();

	(void)state;
	for (int i = 0; i < 3000; i++)
		json_object_array_add(list, json_object_new_int(i));
	/* 30,000 bytes a turn are 90 MB, more than the values of one run may take. */
	if (render("{{range .}}{{$x := printf \"%30000d\" .}}{{len $x | print}}{{end}}", list, NULL, &out, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(out.n, 3000 * 5);
	assert_int_equal(render("{{$x := \"\"}}{{range .}}{{$x = printf \"%30000d\" .}}{{end}}", list, NULL, &out, &err),
			 -ERR_USAGE);
	assert_non_null(strstr(err.text, "the result is too large"));
}

static void a_template_has_a_largest_size(void **state)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_TEXT + 1);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct template *t = NULL;

	(void)state;
	repeat(&text, "x", TEMPLATE_MAX_TEXT + 1);
	assert_int_equal(template_parse(buf_str(&text), "x", &t, &err), -ERR_USAGE);
	assert_null(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates_print_what_go_prints),
		cmocka_unit_test(podmans_types_show),
		cmocka_unit_test(fields_that_podman_does_not_have_fail),
		cmocka_unit_test(the_caller_can_say_what_is_a_map),
		cmocka_unit_test(fields_are_listed_once_and_in_order),
		cmocka_unit_test(escapes_are_expanded_outside_of_actions),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(templates_that_call_themselves_have_a_limit),
		cmocka_unit_test(too_much_output_fails),
		cmocka_unit_test(values_of_a_long_range_do_not_pile_up),
		cmocka_unit_test(a_template_has_a_largest_size),
	};

	return cmocka_run_group_tests(tests, dot_load, dot_free);
}
