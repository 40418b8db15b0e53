# A small image with R and the package, made from the source package of `make dist`:
#   docker build --file Dockerfile --tag rekognition .build/dist
FROM debian:trixie-slim AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends r-base-dev r-cran-cli cargo rustc
COPY rekognition_*.tar.gz /tmp/
# No network is needed from here on.
RUN mkdir /library \
 && R CMD INSTALL --library=/library /tmp/rekognition_*.tar.gz

FROM debian:trixie-slim
ENV LANG=C.UTF-8
RUN apt-get update \
 && apt-get install --yes --no-install-recommends r-base-core r-cran-cli ca-certificates \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /library/ /usr/local/lib/R/site-library/
RUN useradd --create-home user
USER user
WORKDIR /home/user
CMD ["R", "--no-save"]
