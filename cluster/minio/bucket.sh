#!/bin/sh
# Creates the bucket of the avatars, and a user who can access nothing else. It can run repeatedly. The image has little more
# than mc and a shell, so this uses only builtins.
set -eu

secrets="${EGO_SECRETS:-/run/secrets}"
address="${EGO_MINIO:-http://minio:9000}"
bucket=ego
user=ego-users

read -r root_password <"$secrets/minio-root-password"
read -r user_password <"$secrets/s3-secret-access-key"

printf '%s' "{
  \"Version\": \"2012-10-17\",
  \"Statement\": [
    {
      \"Effect\": \"Allow\",
      \"Action\": [\"s3:ListBucket\", \"s3:GetBucketLocation\"],
      \"Resource\": \"arn:aws:s3:::$bucket\"
    },
    {
      \"Effect\": \"Allow\",
      \"Action\": [\"s3:GetObject\", \"s3:PutObject\", \"s3:DeleteObject\"],
      \"Resource\": \"arn:aws:s3:::$bucket/*\"
    }
  ]
}" >"${TMPDIR:-/tmp}/policy.json"

# Passwords are not passed as arguments, which every user of the machine could read.
export MC_HOST_ego="${address%%//*}//ego-root:$root_password@${address#*//}"
mc mb --quiet --ignore-existing "ego/$bucket"
printf '%s\n%s\n' "$user" "$user_password" | mc admin user add ego
mc admin policy create ego "$user" "${TMPDIR:-/tmp}/policy.json"
# Some versions refuse to attach a policy a second time.
if ! mc admin policy attach ego "$user" --user "$user"; then
  case "$(mc admin user info ego "$user")" in
    *"PolicyName: $user"*) ;;
    *) exit 1 ;;
  esac
fi
