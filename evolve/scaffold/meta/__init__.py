"""How scaffold zero would improve a scaffold; part of the folder that a campaign copies, so a child may edit it."""
