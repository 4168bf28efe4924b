# Actions of walk.sh for nodes that are reached by ssh: each has every version
# unpacked below one folder, and a link to the one that runs.
#
#     BITBUCKET_URL, BITBUCKET_CURL   as in rest.sh
#     BITBUCKET_SSH      command that runs words on a node [ssh]: ssh NODE WORDS
#     BITBUCKET_INSTALL  folder of the versions [/opt/atlassian/bitbucket]
#     BITBUCKET_SERVICE  systemd unit [bitbucket]
# shellcheck shell=sh disable=SC2154

# shellcheck source=templates/handoff/rest.sh
. "$(dirname "$actions")/rest.sh"
BITBUCKET_NODE_UPGRADE=switch_node

switch_node() { # NODE VERSION
	on=${BITBUCKET_SSH:-ssh}
	folder=${BITBUCKET_INSTALL:-/opt/atlassian/bitbucket}
	unit=${BITBUCKET_SERVICE:-bitbucket}
	# Nothing is stopped for a version that is not there.
	$on "$1" test -d "$folder/$2" || {
		echo "$1: no $folder/$2" >&2
		return 1
	}
	# Stopping drains: the unit's TimeoutStopSec has to allow for it.
	$on "$1" sudo systemctl stop "$unit" &&
		$on "$1" sudo ln -sfn "$folder/$2" "$folder/current" &&
		$on "$1" sudo systemctl start "$unit"
}
