# shellcheck shell=bash
# shellcheck disable=SC2154 # what packaging/demo has set: bin, dir, ctl
# The part of packaging/demo that has a headquarters: tillhub on this machine, a box that is enrolled there, and a
# line between them that goes down while the shop sells on. Everything is what a chain would run.

hub_pid='' sync_pid=''

hub_do() { "$bin/tillhub" "$@" --config "$dir/tillhub.conf"; }

hq_config() {
	cat >"$dir/tillhub.conf" <<-END
	[hub]
	state_dir = $dir/hub
	listen = coaps+tcp://127.0.0.1:$1 coaps://127.0.0.1:$1
	enrol = coaps+tcp://127.0.0.1:$2
	END
	sed "s|@DIR@|$dir|" packaging/sample/tilld.conf.in >"$dir/tilld.conf"
	printf '\n[hq]\nuri = coaps+tcp://127.0.0.1:%s coaps://127.0.0.1:%s\nname = localhost\n' "$1" "$1" >>"$dir/tilld.conf"
}

hq_start() {
	"$bin/tillhub" serve --config "$dir/tillhub.conf" >>"$dir/tillhub.log" 2>&1 &
	hub_pid=$!
	wait_for hub_do box list
}

# Ports that are free now, from the machine: the hub is asked for any, and says which.
hq_ports() {
	hq_config 0 0
	"$bin/tillhub" serve --config "$dir/tillhub.conf" >"$dir/ports" 2>&1 &
	hub_pid=$!
	wait_for grep -q 'boxes enrol at' "$dir/ports" || return 1
	kill "$hub_pid" && wait "$hub_pid"
	hq_config "$(sed -n 's/.*heard at coaps+tcp.*port \([0-9]*\).*/\1/p' "$dir/ports")" \
		"$(sed -n 's/.*enrol at.*port \([0-9]*\).*/\1/p' "$dir/ports")"
}

# What one member of a line of JSON says.
hq_member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

hq_enrol() {
	local box store port code ca
	box=$(sed -n 's/^box *= *//p' "$dir/tilld.conf") store=$(sed -n 's/^store *= *//p' "$dir/tilld.conf")
	port=$(sed -n 's/^enrol.*:\([0-9]*\)$/\1/p' "$dir/tillhub.conf")
	code=$(hub_do box add "$box" "$store" --json | hq_member code)
	ca=$(hub_do ca show --json | hq_member sha256)
	"${ctl[@]}" enrol "coaps+tcp://localhost:$port" "$code" --ca-sha256 "$ca"
}

hq_link() {
	"$bin/till-sync" --config "$dir/tilld.conf" >"$dir/till-sync.log" 2>&1 &
	sync_pid=$!
}

hq_prepare() {
	hq_ports && hq_start && hq_enrol && hub_do publish packaging/sample/book.jsonl
}

say_step() {
	if [ -t 1 ]; then printf '\n\033[1m%s\033[0m\n' "$1"; else printf '\n%s\n' "$1"; fi
}

sell() { # how many carts of a packet of biscuits
	local i
	for ((i = 0; i < $1; i++)); do
		"${ctl[@]}" scan 9520417001359 >/dev/null && "${ctl[@]}" tender cash=10 >/dev/null || return 1
	done
}

outbox_is_empty() { "${ctl[@]}" sync status --json | grep -q '"outbox":{"waiting":0,'; }
lane_has() { "${ctl[@]}" status --json | grep -q "\"version\":$1,"; }

hq_publish_sale() {
	printf '{"type":"promotion","id":"hq-biscuits","name":"Biscuit day","text":"Biscuit day: 40 %% off",' >"$dir/sale.jsonl"
	printf '"gives":[{"kind":"percent","select":{"categories":["biscuits"]},"percent":"40"}]}\n' >>"$dir/sale.jsonl"
	hub_do publish --changes "$dir/sale.jsonl" && wait_for lane_has 2
}

hq_show() {
	say_step "The box has its prices from headquarters"
	"${ctl[@]}" sync status
	"${ctl[@]}" scan 9520417001359 && "${ctl[@]}" tender cash=10 >/dev/null || return 1
	say_step "Headquarters publishes: biscuits 40 % off. The next cart has it"
	hq_publish_sale && "${ctl[@]}" scan 9520417001359 && "${ctl[@]}" tender cash=10 >/dev/null || return 1
	wait_for outbox_is_empty || return 1
	say_step "The line to headquarters goes down. The shop sells on: twenty carts"
	kill "$hub_pid" && wait "$hub_pid"
	sell 20 || return 1
	"${ctl[@]}" sync status
	say_step "The line is back: what waits is uploaded"
	hq_start && "${ctl[@]}" sync now >/dev/null && wait_for outbox_is_empty || return 1
	"${ctl[@]}" sync status
	hub_do box list
}

hq_end() {
	local pid
	for pid in $sync_pid $hub_pid; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
}
