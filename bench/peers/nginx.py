"""nginx as a reverse proxy that keeps its upstream connections, and the same with Lua that reads the model."""

import pathlib
import resource

from .peer import Peer, said

MODULES = pathlib.Path("/usr/lib/nginx/modules")

CONFIG = """
{modules}
worker_processes {workers};
daemon off;
master_process {master};
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
worker_rlimit_nofile {files};
events {{ worker_connections 16384; multi_accept on; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 32m;
  client_body_buffer_size 2m;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  tcp_nodelay on;
  ssl_certificate {certificate};
  ssl_certificate_key {certificate};
  ssl_session_cache none;
  {lua}
  upstream origin {{
    server 127.0.0.1:{origin};
    keepalive 2048;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
  }}
  server {{
    listen 127.0.0.1:{port}{ssl} backlog=4096;
    location / {{
      {route}
      proxy_pass http://{upstream};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }}
  }}
}}
"""

# As an LLM gateway would: the body as JSON, the model out of it, the upstream by the model.
LUA_SETUP = 'init_by_lua_block { cjson = require "cjson.safe"; routes = {} }'
LUA_ROUTE = """
      set $chosen origin;
      rewrite_by_lua_block {
        ngx.req.read_body()
        local body = cjson.decode(ngx.req.get_body_data() or "")
        if not body or type(body.model) ~= "string" then return ngx.exit(400) end
        ngx.var.chosen = routes[body.model] or "origin"
      }
"""


class Nginx(Peer):
    name = "nginx"
    title = "nginx"
    program = "nginx"

    def version(self):
        return said("nginx", "-v").replace("nginx version: ", "")

    def command(self, place, modules="", lua="", route="", upstream="origin"):
        config = CONFIG.format(
            modules=modules,
            workers=place.workers,
            master="off" if place.single else "on",
            folder=place.folder,
            files=resource.getrlimit(resource.RLIMIT_NOFILE)[1],
            certificate=place.certificate,
            lua=lua,
            port=place.port,
            ssl=" ssl" if place.certificate else "",
            route=route,
            upstream=upstream,
            origin=place.origin,
        )
        if not place.certificate:
            config = "".join(line for line in config.splitlines(True) if "  ssl_" not in line)
        return ["nginx", "-p", str(place.folder), "-c", str(place.write("nginx.conf", config))]


class NginxLua(Nginx):
    name = "nginx-lua"
    title = "nginx + Lua, by model"

    def missing(self):
        for what, package in ("ngx_http_lua_module.so", "libnginx-mod-http-lua"), (
            "ndk_http_module.so",
            "libnginx-mod-http-ndk",
        ):
            if not (MODULES / what).exists():
                return f"{package} is not installed"
        if not any(pathlib.Path("/usr/lib").glob("*/lua/5.1/cjson.so")):
            return "lua-cjson is not installed"
        return super().missing()

    def command(self, place):
        modules = "".join(f"load_module {MODULES}/{one};\n" for one in ("ndk_http_module.so", "ngx_http_lua_module.so"))
        return super().command(place, modules, LUA_SETUP, LUA_ROUTE, "$chosen")
