# shellcheck shell=bash
# Numbered steps with elapsed time, for the scripts that keep a person waiting (setup, tests/run, demo).
#
#   steps_total=4                    how many steps the reader is to expect
#   steps_logs=build/logs            where each step's output goes, one file a step
#   step "Build, dev" build_dev ...  runs the command; prints "[2/4] Build, dev  ok  12 s"
#
# On a terminal the time runs while the step does; elsewhere each step is one plain line. A step that fails
# shows the tail of its log and returns the command's status, so that the caller decides what follows.
# A step says what it found by writing a line to descriptor 3; it is shown in place of "ok".

steps_done=0
steps_total=${steps_total:-0}
steps_logs=${steps_logs:?}
steps_tail=${steps_tail:-40} # lines of a failed step's log worth a screen
steps_ticker=

steps_stop_ticker() {
	[ -n "$steps_ticker" ] || return 0
	kill -KILL "$steps_ticker" 2>/dev/null # another could meet it before it has dropped its parent's traps
	wait "$steps_ticker" 2>/dev/null
	steps_ticker=
	printf '\r\033[K'
}
trap steps_stop_ticker EXIT

steps_elapsed() { # seconds -> "7 s", "2 min 05 s"
	if [ "$1" -lt 60 ]; then
		printf '%d s' "$1"
	else
		printf '%d min %02d s' $(($1 / 60)) $(($1 % 60))
	fi
}

steps_head() { printf '[%*d/%d] %s' "${#steps_total}" "$steps_done" "$steps_total" "$1"; }

steps_tick() {
	local began=$SECONDS
	while sleep 1; do
		printf '\r\033[K%s  %s' "$1" "$(steps_elapsed $((SECONDS - began)))"
	done
}

step() {
	local title=$1 began=$SECONDS log said rc=0
	shift
	steps_done=$((steps_done + 1))
	log=$steps_logs/$(printf '%02d-%s.log' "$steps_done" "$(printf %s "$title" | tr -cs 'A-Za-z0-9\n' '-')")
	said=$log.said
	steps_head "$title"
	if [ -t 1 ]; then
		steps_tick "$(steps_head "$title")" &
		steps_ticker=$!
	fi
	"$@" >"$log" 2>&1 3>"$said" </dev/null || rc=$?
	steps_stop_ticker
	[ ! -t 1 ] || steps_head "$title"
	if [ "$rc" -eq 0 ]; then
		printf '  %s' "$(tail -n 1 "$said" | grep . || echo ok)"
	else
		printf '  FAILED (exit %d)' "$rc"
	fi
	printf '  %s\n' "$(steps_elapsed $((SECONDS - began)))"
	rm -f "$said"
	[ "$rc" -eq 0 ] || steps_show_log "$log"
	return "$rc"
}

steps_show_log() {
	echo "---- the end of $1"
	tail -n "$steps_tail" "$1" | sed 's/^/    /'
	echo "----"
}
