# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # set here and used by the script that sources this, or the other way round
# What the benchmarks share: arguments, building, the machine in a line, a book, a folder for databases.
#
#   bench_name=start bench_about="..."; bench_begin "$@"    reads arguments, builds, makes a book, prints the machine
#   bench_box                                               a folder with tilld.conf and a loaded catalog.db
#   bench_run NAME ARGUMENTS...                             the timing program, with --json passed on
#
# Sets bench_src, bench_build, bench_dir, bench_book, bench_short, bench_skus, bench_promotions. All but
# figures goes to standard error, so that --json is nothing but JSON lines.

bench_src=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
bench_build=$bench_src/build/release
bench_json=() bench_programs=(tilld tillctl) bench_short='' bench_skus=100000 bench_promotions=1000 bench_where=
bench_daemon='' # more lines of [daemon]

bench_usage() {
	cat <<-END
	Usage: tests/bench/$bench_name [--json] [--short] [--skus N] [--promotions N] [--dir DIR]

	$bench_about

	  --json          a JSON line a figure
	  --short         a tenth of the samples: to see that it works
	  --skus N        articles in the book (100000)
	  --promotions N  promotions in it (1000)
	  --dir DIR       make the databases in a new folder below DIR (build/release); its disk is what is measured
	END
}

bench_die() {
	echo "tests/bench/$bench_name: $1" >&2
	exit "${2:-1}"
}

bench_arguments() {
	while [ $# -gt 0 ]; do
		case $1 in
		--json) bench_json=(--json) ;;
		--short) bench_short=1 ;;
		--skus | --promotions)
			[[ ${2-} =~ ^[1-9][0-9]*$ ]] || bench_die "$1 needs a number" 2
			printf -v "bench_${1#--}" %s "$2"
			shift ;;
		--dir)
			[ -d "${2-}" ] || bench_die "--dir needs a folder" 2
			bench_where=$(cd "$2" && pwd)
			shift ;;
		-h | --help) bench_usage && exit 0 ;;
		*) bench_usage >&2 && bench_die "no option '$1'" 2 ;;
		esac
		shift
	done
}

bench_compile() {
	local log=$bench_src/build/logs/bench.log
	mkdir -p "$(dirname "$log")"
	(cd "$bench_src" && cmake --preset release && cmake --build --preset release --target "${bench_programs[@]}" "bench_$bench_name") \
		>"$log" 2>&1 </dev/null || bench_die "the build failed: see $log"
}

bench_machine() {
	local cpu memory
	cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
	memory=$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)
	echo "machine: $(nproc) x ${cpu:-$(uname -m)}, $memory, Linux $(uname -r), $(stat -f -c %T "$bench_dir")," \
		"load $(cut -d ' ' -f 1 /proc/loadavg), $(date +%F)" >&2
}

bench_begin() {
	bench_arguments "$@"
	bench_compile
	bench_dir=$(mktemp -d "${bench_where:-$bench_build}/bench-XXXXXX") || exit
	trap 'rm -rf "$bench_dir"' EXIT
	bench_book=$bench_dir/book.jsonl
	"$bench_src/tests/bench/make_book" "$bench_skus" "$bench_promotions" >"$bench_book" || exit
	bench_machine
}

# What tilld's service is given, tilld is given here.
bench_environment() {
	local line
	while read -r line; do
		export "${line#Environment=}"
	done < <(grep '^Environment=' "$bench_src/packaging/systemd/tilld.service")
}

bench_box() {
	bench_environment
	cat >"$bench_dir/tilld.conf" <<-END
	[daemon]
	box = bench
	store = S1
	zone = Europe/Berlin
	state_dir = $bench_dir
	control_socket = $bench_dir/control.sock
	$bench_daemon

	[lane 1]

	[scanner 1]
	lane = 1
	transport = tty
	device = $bench_dir/scanner
	suffix = cr
	END
	"$bench_build/bin/tillctl" --config "$bench_dir/tilld.conf" import "$bench_book" >"$bench_dir/import" 2>&1 ||
		bench_die "the import failed: $(cat "$bench_dir/import")"
}

bench_run() {
	"$bench_build/bench/$bench_name" "$@" "${bench_json[@]}" && return
	[ ! -s "$bench_dir/log" ] || tail -n 20 "$bench_dir/log" >&2
	exit 1
}
