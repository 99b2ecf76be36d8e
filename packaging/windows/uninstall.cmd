@echo off
rem Stops the service guestwire-agent and removes it. Run it as administrator.
setlocal
set "PYTHON="
if exist "%~dp0python\python.exe" set PYTHON="%~dp0python\python.exe"
if not defined PYTHON where /q py.exe && set "PYTHON=py.exe -3"
if not defined PYTHON where /q python.exe && set "PYTHON=python.exe"
if not defined PYTHON (
    echo No Python found. Install Python 3.11 or later for all users, or put an embeddable one into %~dp0python 1>&2
    exit /b 1
)
%PYTHON% "%~dp0setup.py" uninstall
exit /b %ERRORLEVEL%
